"""Digests without a work factor: Django's and Werkzeug's of old, bare ones, and those that a configuration describes."""

import base64
import hashlib
import hmac

from django.contrib.auth.hashers import (
    MD5PasswordHasher,
    SHA1PasswordHasher,
    UnsaltedMD5PasswordHasher,
    UnsaltedSHA1PasswordHasher,
)
from passlib import hash as hashers
from werkzeug.security import _hash_internal

from common import PASSWORDS, correct, hashcat, malformed, salt_text, unidentified

HASHLIB = "Python's hashlib"


def django_rows():
    made = [
        correct(name, password, hasher().encode(password, salt_text(12, password)), "Django")
        for name, hasher in (("django-sha1", SHA1PasswordHasher), ("django-md5", MD5PasswordHasher))
        for password in PASSWORDS
    ]
    made += [
        correct("django-unsalted-sha1", password, UnsaltedSHA1PasswordHasher().encode(password, ""), "Django")
        for password in PASSWORDS
    ]
    stored, password = hashcat(124)
    made.append(correct("django-sha1", password, stored, "hashcat --example-hashes, mode 124"))
    return made + [
        malformed("django-sha1", made[0]["hash"][:-1], "without its last digit"),
        malformed("django-sha1", made[0]["hash"] + "0", "a digit too many"),
        malformed("django-md5", made[6]["hash"][:-1] + "g", "a digit that is none"),
        malformed("django-unsalted-sha1", made[12]["hash"][:-1], "without its last digit"),
    ]


def bare_rows():
    made = [
        correct(f"hex-{name}", password, getattr(hashers, f"hex_{name}").hash(password), "passlib")
        for name in ("md5", "sha1", "sha256", "sha512")
        for password in PASSWORDS
    ]
    made += [
        correct("hex-md5", password, UnsaltedMD5PasswordHasher().encode(password, ""), "Django")
        for password in PASSWORDS[:1]
    ]
    good = made[0]["hash"]
    return made + [
        unidentified("hex-md5", good[:-1], "by hand: an odd number of digits"),
        unidentified("hex-md5", good[:-1] + "g", "by hand: a digit that is none"),
    ]


#: Ways an application of its own kind may write a digest down; each with what makes it.
DESCRIBED = (
    (
        "sha256-salt-password",
        {"algorithm": "sha256", "order": "salt-password", "layout": "{salt}:{digest}"},
        lambda password, salt: f"{salt}:{hashlib.sha256((salt + password).encode()).hexdigest()}",
    ),
    (
        "md5-password-salt",
        {"algorithm": "md5", "order": "password-salt", "layout": "{digest}:{salt}"},
        lambda password, salt: f"{hashlib.md5((password + salt).encode()).hexdigest()}:{salt}",
    ),
    (
        "sha1-salt-password-salt",
        {
            "algorithm": "sha1",
            "order": "salt-password-salt",
            "layout": "$own${salt}${digest}",
            "digestEncoding": "base64",
        },
        lambda password, salt: f"$own${salt}${b64(hashlib.sha1((salt + password + salt).encode()).digest())}",
    ),
    (
        "sha512-hmac",
        {"algorithm": "sha512", "order": "hmac", "layout": "hmac|{salt}|{digest}", "saltEncoding": "hex"},
        lambda password, salt: f"hmac|{salt.encode().hex()}|{hmac.new(salt.encode(), password.encode(), 'sha512').hexdigest()}",
    ),
    (
        "sha256-iterated-bytes",
        {
            "algorithm": "sha256",
            "order": "salt-password",
            "layout": "it1${salt}${digest}",
            "iterations": 1000,
            "saltEncoding": "base64",
        },
        lambda password, salt: f"it1${b64(salt.encode())}${iterated(password, salt, lambda digest: digest)}",
    ),
    (
        "sha256-iterated-hex",
        {
            "algorithm": "sha256",
            "order": "salt-password",
            "layout": "it2${salt}${digest}",
            "iterations": 1000,
            "iterateOver": "hex",
        },
        lambda password, salt: f"it2${salt}${iterated(password, salt, lambda digest: digest.hex().encode())}",
    ),
)


def b64(data):
    return base64.b64encode(data).decode()


def iterated(password, salt, over):
    digest = hashlib.sha256((salt + password).encode()).digest()
    for _ in range(999):
        digest = hashlib.sha256(over(digest)).digest()
    return digest.hex()


def described_rows():
    made = []
    for name, description, make in DESCRIBED:
        made += [
            correct(
                f"digest-{name}",
                password,
                make(password, salt_text(12, password)),
                HASHLIB,
                digests=[description],
            )
            for password in PASSWORDS
        ]
        cut = made[-1]["hash"][2:] if description["layout"].startswith("{digest}") else made[-1]["hash"][:-2]
        made.append(
            unidentified(f"digest-{name}", cut, "by hand: the digest is cut short", digests=[description])
        )
    return made


def werkzeug_rows():
    """Werkzeug's HMACs, in a shape that Django uses otherwise: they are verified where they are described."""
    made = []
    for name, mode in (("md5", 30000), ("sha256", 30120)):
        described = {"algorithm": name, "order": "hmac", "layout": name + "${salt}${digest}"}
        for password in PASSWORDS:
            digest, _ = _hash_internal(name, salt_text(16, password), password)
            stored = f"{name}${salt_text(16, password)}${digest}"
            made.append(correct(f"werkzeug-{name}", password, stored, "Werkzeug", digests=[described]))
        stored, password = hashcat(mode)
        source = f"hashcat --example-hashes, mode {mode}"
        made.append(correct(f"werkzeug-{name}", password, stored, source, digests=[described]))
    return made


def rows():
    return django_rows() + bare_rows() + werkzeug_rows() + described_rows()
