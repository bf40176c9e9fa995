"""Password credentials as Keycloak's export has them: two JSON texts in a JSON text."""

import base64
import hashlib
import json

from argon2.low_level import Type, hash_secret_raw

from common import PASSWORDS, PLAIN, correct, malformed, salt

SOURCE = "written down as Keycloak's export"


def b64(data):
    return base64.b64encode(data).decode()


def credential(value, made_salt, iterations, algorithm, parameters, **around):
    secret = {"value": b64(value), "salt": b64(made_salt), "additionalParameters": {}}
    data = {"hashIterations": iterations, "algorithm": algorithm, "additionalParameters": parameters}
    compact = lambda part: json.dumps(part, separators=(",", ":"))
    return compact({**around, "secretData": compact(secret), "credentialData": compact(data)})


def pbkdf2(password, algorithm, digest, iterations=1000, length=64, **around):
    made_salt = salt(16, password)
    value = hashlib.pbkdf2_hmac(digest, password.encode(), made_salt, iterations, length)
    return credential(value, made_salt, iterations, algorithm, {}, **around)


def argon2(password, memory=64, passes=2):
    made_salt = salt(16, password)
    value = hash_secret_raw(password.encode(), made_salt, passes, memory, 1, 32, Type.ID)
    parameters = {
        "hashLength": ["32"],
        "memory": [str(memory)],
        "type": ["id"],
        "version": ["1.3"],
        "parallelism": ["1"],
    }
    return credential(value, made_salt, passes, "argon2", parameters)


def rows():
    made = []
    for algorithm, digest in (("pbkdf2", "sha1"), ("pbkdf2-sha256", "sha256"), ("pbkdf2-sha512", "sha512")):
        made += [
            correct(
                f"keycloak-{algorithm}",
                password,
                pbkdf2(password, algorithm, digest),
                f"Python's hashlib, {SOURCE}",
            )
            for password in PASSWORDS
        ]
    made += [
        correct("keycloak-argon2", password, argon2(password), f"argon2-cffi, {SOURCE}")
        for password in PASSWORDS
    ]
    made += [
        correct("keycloak-argon2", PLAIN, argon2(PLAIN, 7_168, 5), f"argon2-cffi, {SOURCE}, its defaults"),
        correct(
            "keycloak-pbkdf2-sha256",
            PLAIN,
            pbkdf2(
                PLAIN,
                "pbkdf2-sha256",
                "sha256",
                27_500,
                id="8a8d1a52",
                type="password",
                createdDate=1_700_000_000_000,
            ),
            f"Python's hashlib, {SOURCE} before 25, with what stands around",
        ),
    ]
    good = made[6]["hash"]
    return made + [
        malformed("keycloak-pbkdf2-sha256", good[:-2], "a JSON text cut short"),
        malformed("keycloak-pbkdf2-sha256", good.replace("1000", "2147483648"), "2^31 iterations"),
        malformed(
            "keycloak-pbkdf2-sha256",
            good.replace("pbkdf2-sha256", "pbkdf2-sha3"),
            "an algorithm that there is not",
        ),
        malformed("keycloak-pbkdf2-sha256", '{"secretData":"{}","credentialData":"{}"}', "nothing in it"),
        malformed("keycloak-argon2", made[18]["hash"].replace('[\\"64\\"]', '[\\"8388608\\"]'), "8 GiB"),
    ]
