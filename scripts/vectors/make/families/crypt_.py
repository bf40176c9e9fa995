"""What crypt(3) knows besides bcrypt: sha512-crypt, sha256-crypt, sha1-crypt, md5-crypt; and Apache's variant of the last."""

from passlib.hash import apr_md5_crypt, md5_crypt, sha1_crypt, sha256_crypt, sha512_crypt

import crypt  # The system's crypt(3): libxcrypt.

from common import ACCENTS, EMPTY, LONG, PASSWORDS, PLAIN, SPACES, correct, hashcat, malformed, run, salt_text


def sha2_rows(name, mark, hasher, openssl):
    made = [
        correct(
            name,
            password,
            crypt.crypt(password, f"${mark}$rounds=1000${salt_text(16, password)}$"),
            "libxcrypt crypt(3)",
        )
        for password in PASSWORDS
    ]
    made += [
        correct(
            name,
            PLAIN,
            crypt.crypt(PLAIN, f"${mark}${salt_text(16, 'default')}$"),
            "libxcrypt crypt(3), its default rounds",
        ),
        correct(
            name,
            ACCENTS,
            hasher.using(salt=salt_text(8, "short"), rounds=1001).hash(ACCENTS),
            "passlib, a shorter salt",
        ),
        correct(
            name,
            LONG,
            run(["openssl", "passwd", openssl, "-salt", salt_text(16, "openssl"), LONG]),
            "openssl passwd",
        ),
        correct(
            name,
            SPACES,
            run(
                [
                    "mkpasswd",
                    "-m",
                    name.replace("-", ""),
                    "-R",
                    "1000",
                    "-S",
                    salt_text(16, "mkpasswd"),
                    SPACES,
                ]
            ),
            "mkpasswd",
        ),
    ]
    good = made[0]["hash"]
    return made + [
        malformed(
            name, good.replace("rounds=1000", "rounds=999999999"), "the most rounds that crypt(3) takes"
        ),
        malformed(name, good.replace("rounds=1000", "rounds=01000"), "a number with a zero before it"),
        malformed(name, good.replace("rounds=1000", "rounds=0"), "no rounds"),
        malformed(name, good[:-1], "without its last character"),
        malformed(name, good + "$", "something after the digest"),
        malformed(name, good[:-1] + "!", "a character that is none of its alphabet"),
    ]


def sha1_rows():
    made = [
        correct(
            "sha1-crypt",
            password,
            crypt.crypt(password, f"$sha1$1000${salt_text(8, password)}$"),
            "libxcrypt crypt(3)",
        )
        for password in PASSWORDS
    ]
    made += [
        correct(
            "sha1-crypt",
            password,
            sha1_crypt.using(salt=salt_text(8, "passlib"), rounds=1200).hash(password),
            "passlib",
        )
        for password in (PLAIN, EMPTY)
    ]
    good = made[0]["hash"]
    return made + [
        malformed("sha1-crypt", good.replace("$1000$", "$4294967295$"), "2^32 - 1 rounds"),
        malformed("sha1-crypt", good.replace("$1000$", "$$"), "no rounds"),
        malformed("sha1-crypt", good[:-1], "without its last character"),
        malformed("sha1-crypt", good + "$", "something after the digest"),
    ]


def md5_rows(name, mark, hasher, openssl):
    made = [
        correct(name, password, hasher.using(salt=salt_text(8, password)).hash(password), "passlib")
        for password in PASSWORDS
    ]
    made += [
        correct(name, PLAIN, run(["openssl", "passwd", openssl, "-salt", "openssl", PLAIN]), "openssl passwd")
    ]
    good = made[0]["hash"]
    return made + [
        malformed(name, good[:-1], "without its last character"),
        malformed(name, good + "$", "something after the digest"),
        malformed(name, good[:-1] + "!", "a character that is none of its alphabet"),
        malformed(
            name, f"${mark}${salt_text(12, 'long')}${good[-22:]}", "a salt of more than eight characters"
        ),
    ]


def rows():
    apache = [
        correct("apr1", ACCENTS, run(["htpasswd", "-nbm", "", ACCENTS]).strip()[1:], "htpasswd -m"),
        correct("apr1", *reversed(hashcat(1600)), "hashcat --example-hashes, mode 1600"),
    ]
    system = [
        correct(
            "md5-crypt", password, crypt.crypt(password, f"$1${salt_text(8, 'crypt')}$"), "libxcrypt crypt(3)"
        )
        for password in (EMPTY, LONG)
    ]
    return (
        sha2_rows("sha512-crypt", 6, sha512_crypt, "-6")
        + sha2_rows("sha256-crypt", 5, sha256_crypt, "-5")
        + sha1_rows()
        + md5_rows("md5-crypt", "1", md5_crypt, "-1")
        + system
        + md5_rows("apr1", "apr1", apr_md5_crypt, "-apr1")
        + apache
    )
