"""What directories store under a scheme in braces."""

from passlib import hash as hashers

from common import (
    ACCENTS,
    EMOJI,
    EMPTY,
    LONG,
    PASSWORDS,
    PLAIN,
    correct,
    hashcat,
    malformed,
    run,
    salt,
    unidentified,
    unusable,
)

SALTED = (
    ("SSHA", "ldap_salted_sha1"),
    ("SSHA256", "ldap_salted_sha256"),
    ("SSHA512", "ldap_salted_sha512"),
    ("SMD5", "ldap_salted_md5"),
)
UNSALTED = (("SHA", "ldap_sha1"), ("MD5", "ldap_md5"))
CRYPT = (
    ("ldap_md5_crypt", {}),
    ("ldap_sha1_crypt", {"rounds": 1000}),
    ("ldap_sha256_crypt", {"rounds": 1000}),
    ("ldap_sha512_crypt", {"rounds": 1000}),
    ("ldap_bcrypt", {"rounds": 4}),
)
EXAMPLES = (("SSHA", 111), ("SSHA512", 1711))
#: Its salt has two bytes, which no directory writes.
SHORT = ("SSHA256", 1411)


def salted_rows():
    made = []
    for scheme, name in SALTED:
        hasher = getattr(hashers, name)
        for length, password in zip((4, 8, 8, 16, 16, 8), PASSWORDS):
            made.append(
                correct(
                    f"ldap-{scheme}",
                    password,
                    hasher.using(salt=salt(length, password)).hash(password),
                    "passlib",
                )
            )
        good = made[-1]["hash"]
        made += [
            malformed(f"ldap-{scheme}", good[:-3], "cut short"),
            malformed(f"ldap-{scheme}", good.rstrip("=")[:-1] + "!", "a character that is none of base64"),
            malformed(f"ldap-{scheme}", good[: len(scheme) + 2 + 12], "a digest too short"),
        ]
    for scheme, mode in EXAMPLES:
        stored, password = hashcat(mode)
        made.append(correct(f"ldap-{scheme}", password, stored, f"hashcat --example-hashes, mode {mode}"))
    scheme, mode = SHORT
    return made + [
        malformed(f"ldap-{scheme}", hashcat(mode)[0], f"a salt of two bytes, hashcat's mode {mode}")
    ]


def unsalted_rows():
    made = [
        correct(f"ldap-{scheme}", password, getattr(hashers, name).hash(password), "passlib")
        for scheme, name in UNSALTED
        for password in PASSWORDS
    ]
    made.append(
        correct("ldap-SHA", ACCENTS, run(["htpasswd", "-nbs", "", ACCENTS]).strip()[1:], "htpasswd -s")
    )
    good = made[0]["hash"]
    return made + [
        malformed("ldap-SHA", good[:-2], "cut short"),
        malformed("ldap-SHA", good + "AAAA", "too long"),
        malformed("ldap-MD5", made[6]["hash"][:-1], "without its last character"),
    ]


def crypt_rows():
    made, dovecot = [], []
    for name, settings in CRYPT:
        for password in (PLAIN, EMOJI):
            made.append(
                correct(
                    "ldap-CRYPT",
                    password,
                    getattr(hashers, name).using(**settings, salt=salt_of(name, password)).hash(password),
                    "passlib",
                )
            )
    for scheme, of in (("MD5-CRYPT", 0), ("SHA256-CRYPT", 4), ("SHA512-CRYPT", 6), ("BLF-CRYPT", 8)):
        for row in made[of : of + 2]:
            stored = row["hash"].replace("{CRYPT}", f"{{{scheme}}}")
            dovecot.append(
                correct("dovecot-CRYPT", row["password"], stored, "passlib, under Dovecot's scheme")
            )
    good = made[0]["hash"]
    return (
        made
        + dovecot
        + [
            malformed("ldap-CRYPT", good[:-1], "what stands inside is without its last character"),
            malformed("ldap-CRYPT", good + "$", "what stands inside has something after its digest"),
            unidentified("ldap-CRYPT", "{CRYPT}" + good, "by hand: a wrapping in a wrapping"),
            unusable("ldap-CRYPT", "{CRYPT}!", "locked, under a scheme"),
        ]
    )


def salt_of(name, password):
    """bcrypt's salt is 22 characters whose last has two bits."""
    return salt(16, password).hex()[:21] + "O" if name == "ldap_bcrypt" else salt(4, password).hex()


def rows():
    return salted_rows() + unsalted_rows() + crypt_rows()
