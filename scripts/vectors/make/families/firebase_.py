"""Firebase Authentication's scrypt: the project's signer key, enciphered with what scrypt makes of the password."""

import base64
import hashlib

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from common import ACCENTS, PASSWORDS, correct, malformed, salt

SOURCE = "Python's hashlib and cryptography, written down as"
SIGNER_KEY = salt(64, "an invented signer key")
SEPARATOR = b"\x0a"


def b64(data):
    return base64.b64encode(data).decode()


def enciphered(password, made_salt, log_n, r=8, p=1):
    key = hashlib.scrypt(
        password.encode(), salt=made_salt + SEPARATOR, n=1 << log_n, r=r, p=p, dklen=64, maxmem=2**28
    )
    encryptor = Cipher(algorithms.AES(key[:32]), modes.CTR(bytes(16))).encryptor()
    return encryptor.update(SIGNER_KEY) + encryptor.finalize()


def parts_of(password, log_n=6):
    made_salt = salt(8, password)
    return b64(made_salt), b64(SEPARATOR), b64(enciphered(password, made_salt, log_n)), b64(SIGNER_KEY)


def rows():
    setting = {"firebaseSignerKey": b64(SIGNER_KEY)}
    made = []
    for password in PASSWORDS:
        its_salt, separator, digest, key = parts_of(password)
        made += [
            correct(
                "firebase",
                password,
                f"$firebase-scrypt$ln=6,r=8${its_salt}${separator}${digest}",
                f"{SOURCE} the import does",
                **setting,
            ),
            correct(
                "firebase-supabase",
                password,
                f"$fbscrypt$v=1,n=6,r=8,p=1,ss={separator},sk={key}${its_salt}${digest}",
                f"{SOURCE} Supabase does",
            ),
            correct(
                "firebase-kratos",
                password,
                f"$firescrypt$ln=6,r=8,p=1${its_salt}${digest}${separator}${key}",
                f"{SOURCE} Ory Kratos does",
            ),
        ]
    its_salt, separator, digest, _ = parts_of(ACCENTS, 14)
    made.append(
        correct(
            "firebase",
            ACCENTS,
            f"$firebase-scrypt$ln=14,r=8${its_salt}${separator}${digest}",
            f"{SOURCE} the import does, a project's usual cost",
            **setting,
        )
    )
    good = made[0]["hash"]
    return made + [
        malformed("firebase", good.replace("ln=6", "ln=31"), "2^31 blocks", **setting),
        malformed("firebase", good.replace("ln=6", "ln=6,"), "a comma too many", **setting),
        malformed("firebase", good.rsplit("$", 1)[0], "no hash", **setting),
        malformed("firebase", good + "$", "something after the hash", **setting),
        malformed("firebase-supabase", made[1]["hash"].replace("v=1", "v=2"), "a version that there is not"),
        malformed("firebase-kratos", made[2]["hash"].replace("r=8", "r=1073741824"), "blocks of 2^37 bytes"),
    ]
