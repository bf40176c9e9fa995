"""phpass (WordPress before 6.8, phpBB, Drupal 7)."""

import hashlib

from passlib.hash import phpass
from passlib.utils.binary import h64

from common import PASSWORDS, PLAIN, correct, hashcat, malformed, salt_text


def drupal(password, cost="6"):
    """Drupal 7's user_hash_password(): phpass's loop over SHA-512, cut off at 55 characters."""
    made_salt = salt_text(8, password)
    digest = hashlib.sha512(made_salt.encode() + password.encode()).digest()
    for _ in range(1 << "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz".index(cost)):
        digest = hashlib.sha512(digest + password.encode()).digest()
    return f"$S${cost}{made_salt}{h64.encode_bytes(digest).decode()}"[:55]


def rows():
    made = []
    for name, identifier in (("phpass-P", "$P$"), ("phpass-H", "$H$")):
        for password in PASSWORDS:
            hasher = phpass.using(ident=identifier, rounds=7, salt=salt_text(8, password))
            made.append(correct(name, password, hasher.hash(password), "passlib"))
    stored, password = hashcat(400)
    made.append(correct("phpass-P", password, stored, "hashcat --example-hashes, mode 400"))
    made.append(
        correct(
            "phpass-P",
            PLAIN,
            phpass.using(rounds=13, salt="everyday").hash(PLAIN),
            "passlib, WordPress's cost",
        )
    )
    good = made[0]["hash"]
    made += [
        malformed("phpass-P", good.replace("$P$5", "$P$T"), "2^31 rounds"),
        malformed("phpass-P", good.replace("$P$5", "$P$."), "fewer rounds than phpass makes"),
        malformed("phpass-P", good[:-1], "without its last character"),
        malformed("phpass-P", good + "1", "a character too many"),
    ]
    stored, password = hashcat(7900)
    drupals = [correct("drupal-7", password, stored, "hashcat --example-hashes, mode 7900")]
    drupals += [
        correct("drupal-7", password, drupal(password, "7"), "Python's hashlib, as Drupal 7 has it")
        for password in PASSWORDS
    ]
    # What Drupal's update from version 6 made of plain MD5.
    drupals += [
        correct(
            "drupal-7-updated",
            password,
            "U" + drupal(hashlib.md5(password.encode()).hexdigest(), "7"),
            "Python's hashlib, as Drupal 7 has it",
        )
        for password in PASSWORDS
    ]
    good = drupals[1]["hash"]
    return (
        made
        + drupals
        + [
            malformed("drupal-7", good.replace("$S$7", "$S$T"), "2^31 rounds"),
            malformed("drupal-7", good[:-1], "without its last character"),
            malformed("drupal-7", good + "1", "a character too many"),
            malformed("drupal-7", good[:-1] + "!", "a character that is none of its alphabet"),
        ]
    )
