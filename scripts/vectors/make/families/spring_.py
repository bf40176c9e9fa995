"""What Spring Security's DelegatingPasswordEncoder writes: an id in braces, then what its encoder made."""

import base64
import hashlib

from argon2.low_level import Type, hash_secret
from passlib.hash import ldap_salted_sha1

from common import ACCENTS, PASSWORDS, PLAIN, correct, malformed, refused, salt
from families.bcrypt_ import python_bcrypt

HASHLIB = "Python's hashlib, as Spring Security's encoder has it"


#: For what has its everyday cost always.
FEWER = PASSWORDS[:5]


def pbkdf2(password, digest="sha256", salt_length=16, iterations=310_000):
    """Pbkdf2PasswordEncoder: hexadecimal salt and key, nothing about its parameters."""
    made_salt = salt(salt_length, password)
    key = hashlib.pbkdf2_hmac(digest, password.encode(), made_salt, iterations, 32)
    return (made_salt + key).hex()


def scrypt(password, log_n=6, r=8, p=1, salt_length=16):
    """SCryptPasswordEncoder: the parameters as a hexadecimal number, then base64."""
    made_salt = salt(salt_length, password)
    key = hashlib.scrypt(password.encode(), salt=made_salt, n=1 << log_n, r=r, p=p, dklen=32, maxmem=2**28)
    b64 = lambda data: base64.b64encode(data).decode()
    return f"${log_n << 16 | r << 8 | p:x}${b64(made_salt)}${b64(key)}"


def argon2(password, memory=64):
    return hash_secret(password.encode(), salt(16, password), 2, memory, 1, 32, Type.ID).decode()


def standard(password):
    """StandardPasswordEncoder: 8 bytes of salt, then SHA-256 run 1,024 times."""
    digest = salt(8, password) + password.encode()
    for _ in range(1024):
        digest = hashlib.sha256(digest).digest()
    return (salt(8, password) + digest).hex()


def message_digest(password, name):
    """MessageDigestPasswordEncoder: the salt, braces included, stands behind the password."""
    its_salt = "{" + base64.b64encode(salt(32, password)).decode() + "}"
    return its_salt + hashlib.new(name, (password + its_salt).encode()).hexdigest()


def digest_rows():
    made = [
        correct("spring-sha256", password, "{sha256}" + standard(password), HASHLIB) for password in PASSWORDS
    ]
    for prefix, name in (("MD5", "md5"), ("SHA-1", "sha1"), ("SHA-256", "sha256")):
        made += [
            correct(f"spring-{prefix}", password, f"{{{prefix}}}{message_digest(password, name)}", HASHLIB)
            for password in PASSWORDS
        ]
    made += [
        correct(
            "spring-ldap",
            password,
            "{ldap}" + ldap_salted_sha1.using(salt=salt(8, password)).hash(password),
            "passlib",
        )
        for password in PASSWORDS
    ]
    return made + [
        malformed("spring-sha256", made[0]["hash"][:-1], "an odd number of digits"),
        malformed("spring-SHA-1", made[12]["hash"][:-1], "without its last digit"),
        malformed("spring-SHA-256", "{SHA-256}", "nothing inside"),
        refused("spring-noop", "{noop}" + PLAIN, "by hand"),
    ]


def rows():
    made = [
        correct("spring-bcrypt", password, "{bcrypt}" + python_bcrypt(password, "2a"), "python-bcrypt")
        for password in PASSWORDS
    ]
    made += [
        correct("spring-argon2", password, "{argon2}" + argon2(password), "argon2-cffi")
        for password in PASSWORDS
    ]
    made += [
        correct("spring-argon2", PLAIN, "{argon2@SpringSecurity_v5_8}" + argon2(PLAIN, 16_384), "argon2-cffi")
    ]
    made += [
        correct("spring-scrypt", password, "{scrypt}" + scrypt(password), HASHLIB) for password in PASSWORDS
    ]
    made += [
        correct(
            "spring-scrypt",
            ACCENTS,
            "{scrypt}" + scrypt(ACCENTS, 14, 8, 1, 64),
            f"{HASHLIB}, defaults of 4.1 to 5.7",
        ),
        correct("spring-scrypt", PLAIN, scrypt(PLAIN), f"{HASHLIB}, without a prefix"),
        correct(
            "spring-scrypt",
            PLAIN,
            "{scrypt@SpringSecurity_v5_8}" + scrypt(PLAIN, 16),
            f"{HASHLIB}, defaults since 5.8",
        ),
    ]
    made += [
        correct(
            "spring-pbkdf2-5.8",
            password,
            "{pbkdf2@SpringSecurity_v5_8}" + pbkdf2(password),
            f"{HASHLIB}, defaults since 5.8",
        )
        for password in FEWER
    ]
    made += [
        correct(
            "spring-pbkdf2-5.5",
            password,
            "{pbkdf2}" + pbkdf2(password, "sha1", 8, 185_000),
            f"{HASHLIB}, defaults of 5.0 to 5.7",
        )
        for password in FEWER
    ]
    return (
        made
        + digest_rows()
        + [
            malformed(
                "spring-bcrypt", made[0]["hash"][:-1], "what stands inside is without its last character"
            ),
            malformed("spring-bcrypt", "{bcrypt}", "nothing inside"),
            malformed(
                "spring-scrypt", "{scrypt}$1f0801$AAAAAAAAAAAAAAAAAAAAAA==$" + "A" * 43 + "=", "2^31 blocks"
            ),
            malformed("spring-scrypt", "{scrypt}" + scrypt(PLAIN)[:-2], "a digest cut short"),
            malformed(
                "spring-pbkdf2-5.8",
                "{pbkdf2@SpringSecurity_v5_8}" + pbkdf2(PLAIN, iterations=1)[:-1],
                "an odd number of digits",
            ),
            malformed(
                "spring-pbkdf2-5.8",
                "{pbkdf2@SpringSecurity_v5_8}" + pbkdf2(PLAIN, iterations=1)[:-1] + "g",
                "a digit that is none",
            ),
        ]
    )
