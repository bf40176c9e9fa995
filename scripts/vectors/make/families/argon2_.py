"""Argon2, its variants and versions."""

from argon2.low_level import Type, hash_secret
from django.contrib.auth.hashers import Argon2PasswordHasher
from passlib.hash import argon2 as passlib_argon2

from common import ACCENTS, EMOJI, LONG, PASSWORDS, PLAIN, correct, malformed, php, salt, salt_text

VARIANTS = (("argon2id", Type.ID), ("argon2i", Type.I), ("argon2d", Type.D))


def hashed(password, kind, version=19, memory=64, passes=2, lanes=1, length=32):
    made = hash_secret(
        password.encode(), salt(16, password), passes, memory, lanes, length, kind, version
    ).decode()
    # Version 16 was written without its number, before there was another.
    return made.replace("$v=16", "")


def rows():
    made = [
        correct(name, password, hashed(password, kind), "argon2-cffi")
        for name, kind in VARIANTS
        for password in PASSWORDS
    ]
    made += [
        correct("argon2i-16", password, hashed(password, Type.I, 16), "argon2-cffi") for password in PASSWORDS
    ]
    made += [
        correct("argon2id-16", password, hashed(password, Type.ID, 16), "argon2-cffi")
        for password in PASSWORDS
    ]
    made += [
        correct("argon2id", PLAIN, hashed(PLAIN, Type.ID, 19, 65_536, 3, 4, 16), "argon2-cffi, its defaults")
    ]
    passlib = passlib_argon2.using(salt=salt(16, "passlib"), memory_cost=128, rounds=1, parallelism=2)
    made += [correct("argon2id", password, passlib.hash(password), "passlib") for password in (EMOJI, LONG)]
    for variant in ("argon2i", "argon2id"):
        made += [correct(variant, ACCENTS, php([[variant, ACCENTS, 64]])[0], "PHP password_hash")]
    return made + broken(made[0]["hash"]) + django_rows()


class CheapHasher(Argon2PasswordHasher):
    """Django's own but for its cost."""

    memory_cost = 64
    parallelism = 1


def django_rows():
    made = [
        correct("django-argon2", password, CheapHasher().encode(password, salt_text(12, password)), "Django")
        for password in PASSWORDS
    ]
    made += [
        correct(
            "django-argon2",
            PLAIN,
            Argon2PasswordHasher().encode(PLAIN, salt_text(22, "22")),
            "Django, its cost",
        )
    ]
    good = made[0]["hash"]
    return made + [
        malformed("django-argon2", good[:-1], "a digest without its last character"),
        malformed("django-argon2", good.replace("m=64", "m=8388608"), "8 GiB"),
        malformed("django-argon2", "argon2$" + good, "a wrapping in a wrapping"),
    ]


def broken(good):
    _, variant, version, cost, salt_part, digest = good.split("$")
    build = lambda **parts: "$" + "$".join(
        (
            {"variant": variant, "version": version, "cost": cost, "salt": salt_part, "digest": digest}
            | parts
        ).values()
    )
    return [
        malformed("argon2id", build(version="v=20"), "a version that there is not"),
        malformed("argon2id", build(digest=digest[:-1]), "a digest without its last character"),
        malformed("argon2id", build(digest=digest[:12]), "a digest of nine bytes"),
        malformed("argon2id", build(salt="AAAA"), "a salt of three bytes"),
        malformed("argon2id", build(cost="t=2,m=64,p=1"), "parameters in another order"),
        malformed("argon2id", build(cost="m=4,t=2,p=1"), "less memory than a lane needs"),
        malformed("argon2id", build(cost="m=8388608,t=1,p=1"), "8 GiB"),
        malformed("argon2id", build(cost="m=64,t=2147483648,p=1"), "2^31 passes"),
        malformed("argon2x", build(variant="argon2x"), "a variant that there is not"),
        malformed("argon2id", build() + "$", "something after the digest"),
    ]
