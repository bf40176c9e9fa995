"""PBKDF2 under all its names."""

import base64
import hashlib
import struct

from django.contrib.auth.hashers import PBKDF2PasswordHasher, PBKDF2SHA1PasswordHasher
from passlib.hash import (
    atlassian_pbkdf2_sha1,
    ldap_pbkdf2_sha1,
    ldap_pbkdf2_sha256,
    ldap_pbkdf2_sha512,
    pbkdf2_sha1,
    pbkdf2_sha256,
    pbkdf2_sha512,
)
from werkzeug.security import _hash_internal

from common import ACCENTS, EMOJI, PASSWORDS, PLAIN, correct, hashcat, malformed, salt, salt_text

HASHLIB = "Python's hashlib, written down as"


def b64(data):
    return base64.b64encode(data).decode()


def bare(data):
    return b64(data).rstrip("=")


def phc_rows():
    made = []
    for digest, length in (("sha256", 32), ("sha512", 64)):
        for password in PASSWORDS:
            key = hashlib.pbkdf2_hmac(digest, password.encode(), salt(16, password), 1000, length)
            stored = f"$pbkdf2-{digest}$i=1000${bare(salt(16, password))}${bare(key)}"
            made.append(correct(f"pbkdf2-phc-{digest}", password, stored, f"{HASHLIB} a PHC string"))
    key = hashlib.pbkdf2_hmac("sha256", PLAIN.encode(), salt(16, "everyday"), 600_000)
    stored = f"$pbkdf2-sha256$i=600000${bare(salt(16, 'everyday'))}${bare(key)}"
    made.append(correct("pbkdf2-phc-sha256", PLAIN, stored, f"{HASHLIB} a PHC string, an everyday cost"))
    good = made[0]["hash"]
    return made + [
        malformed("pbkdf2-phc-sha256", good.replace("i=1000", "i=2147483648"), "2^31 iterations"),
        malformed("pbkdf2-phc-sha256", good.replace("i=1000", "i=01000"), "a number with a zero before it"),
        malformed("pbkdf2-phc-sha256", good[:-1] + "=", "padding, which PHC strings have not"),
        malformed("pbkdf2-phc-sha256", good + "$", "something after the digest"),
    ]


def passlib_rows():
    made = []
    for name, hasher in (("sha1", pbkdf2_sha1), ("sha256", pbkdf2_sha256), ("sha512", pbkdf2_sha512)):
        for password in PASSWORDS:
            stored = hasher.using(salt=salt(16, password), rounds=1000).hash(password)
            made.append(correct(f"pbkdf2-passlib-{name}", password, stored, "passlib"))
    stored, password = hashcat(20200)
    made.append(correct("pbkdf2-passlib-sha512", password, stored, "hashcat --example-hashes, mode 20200"))
    good = made[6]["hash"]
    return made + [
        malformed("pbkdf2-passlib-sha256", good.replace("$1000$", "$2147483648$"), "2^31 iterations"),
        malformed("pbkdf2-passlib-sha256", good.replace("$1000$", "$$"), "no iterations"),
        malformed("pbkdf2-passlib-sha256", good[:-20], "a digest cut short"),
        malformed("pbkdf2-passlib-sha256", good + "$", "something after the digest"),
    ]


def ldap_rows():
    hashers = (("sha1", ldap_pbkdf2_sha1), ("sha256", ldap_pbkdf2_sha256), ("sha512", ldap_pbkdf2_sha512))
    made = []
    for name, hasher in hashers:
        for password in PASSWORDS:
            stored = hasher.using(salt=salt(16, password), rounds=1000).hash(password)
            made.append(correct(f"ldap-pbkdf2-{name}", password, stored, "passlib"))
    good = made[6]["hash"]
    return made + [
        malformed("ldap-pbkdf2-sha256", good.replace("}1000$", "}2147483648$"), "2^31 iterations"),
        malformed("ldap-pbkdf2-sha256", good.replace("}1000$", "}01000$"), "a number with a zero before it"),
        malformed("ldap-pbkdf2-sha256", good[:-20], "a digest cut short"),
    ]


def django_rows():
    made = []
    for name, hasher in (("sha1", PBKDF2SHA1PasswordHasher), ("sha256", PBKDF2PasswordHasher)):
        for password in PASSWORDS:
            stored = hasher().encode(password, salt_text(12, password), 1000)
            made.append(correct(f"django-pbkdf2-{name}", password, stored, "Django"))
    made.append(
        correct(
            "django-pbkdf2-sha256",
            PLAIN,
            PBKDF2PasswordHasher().encode(PLAIN, salt_text(22, "22")),
            "Django, its iterations",
        )
    )
    stored, password = hashcat(10000)
    made.append(correct("django-pbkdf2-sha256", password, stored, "hashcat --example-hashes, mode 10000"))
    good = made[6]["hash"]
    return made + [
        malformed("django-pbkdf2-sha256", good.replace("$1000$", "$2147483648$"), "2^31 iterations"),
        malformed("django-pbkdf2-sha256", good.replace("$1000$", "$-1000$"), "fewer than no iterations"),
        malformed("django-pbkdf2-sha256", good.rstrip("="), "without its padding"),
        malformed("django-pbkdf2-sha256", good + "$", "something after the digest"),
    ]


def werkzeug_rows():
    made = []
    for name in ("sha1", "sha256", "sha512"):
        for password in PASSWORDS:
            digest, method = _hash_internal(f"pbkdf2:{name}:1000", salt_text(16, password), password)
            stored = f"{method}${salt_text(16, password)}${digest}"
            made.append(correct(f"werkzeug-pbkdf2-{name}", password, stored, "Werkzeug"))
    good = made[6]["hash"]
    return made + [
        malformed("werkzeug-pbkdf2-sha256", good.replace(":1000$", ":2147483648$"), "2^31 iterations"),
        malformed("werkzeug-pbkdf2-sha256", good[:-1], "an odd number of hexadecimal digits"),
        malformed("werkzeug-pbkdf2-sha256", good[:-1] + "g", "a digit that is none"),
        malformed(
            "werkzeug-pbkdf2-sha256", good.replace("sha256", "sha3"), "a digest that is none of its own"
        ),
    ]


def atlassian_rows():
    made = [
        correct(
            "atlassian",
            password,
            atlassian_pbkdf2_sha1.using(salt=salt(16, password)).hash(password),
            "passlib",
        )
        for password in PASSWORDS
    ]
    stored, password = hashcat(12001)
    made.append(correct("atlassian", password, stored, "hashcat --example-hashes, mode 12001"))
    good = made[0]["hash"]
    return made + [
        malformed("atlassian", good[:-1], "without its last character"),
        malformed("atlassian", good[:-4], "a digest too short"),
        malformed("atlassian", good + "AAAA", "a digest too long"),
        malformed("atlassian", good[:20] + "!" + good[21:], "a character that is none of base64"),
    ]


def aspnet(password, version=3, prf=1, iterations=1000, salt_length=16, length=32):
    """Microsoft.AspNetCore.Identity, PasswordHasher<TUser>: what stands in the bytes is in its comment."""
    made_salt = salt(salt_length, password)
    key = hashlib.pbkdf2_hmac(
        ("sha1", "sha256", "sha512")[prf], password.encode(), made_salt, iterations, length
    )
    head = b"\0" if version == 2 else struct.pack(">BIII", 1, prf, iterations, salt_length)
    return b64(head + made_salt + key)


def aspnet_rows():
    made = [
        correct("aspnet-v2", password, aspnet(password, 2, 0), f"{HASHLIB} ASP.NET Identity 2")
        for password in PASSWORDS
    ]
    made += [
        correct("aspnet-v3", password, aspnet(password), f"{HASHLIB} ASP.NET Core Identity")
        for password in PASSWORDS
    ]
    made += [
        correct(
            "aspnet-v3", PLAIN, aspnet(PLAIN, iterations=10_000), f"{HASHLIB} ASP.NET Core Identity 3 to 6"
        ),
        correct(
            "aspnet-v3", EMOJI, aspnet(EMOJI, prf=2, iterations=100_000), f"{HASHLIB} ASP.NET Core Identity 7"
        ),
        correct("aspnet-v3", ACCENTS, aspnet(ACCENTS, prf=0), f"{HASHLIB} ASP.NET Core Identity, with SHA-1"),
    ]
    costly = struct.pack(">BIII", 1, 1, 2**31, 16) + salt(48, "costly")
    digest = struct.pack(">BIII", 1, 3, 1000, 16) + salt(48, "digest")
    longer = struct.pack(">BIII", 1, 1, 1000, 2**31) + salt(48, "longer")
    return made + [
        malformed("aspnet-v3", b64(costly), "2^31 iterations"),
        malformed("aspnet-v3", b64(digest), "a digest that there is not"),
        malformed("aspnet-v3", b64(longer), "a salt that is said to have 2 GiB"),
    ]


def rows():
    return (
        phc_rows()
        + passlib_rows()
        + ldap_rows()
        + django_rows()
        + werkzeug_rows()
        + atlassian_rows()
        + aspnet_rows()
    )
