<?php
// Reads jobs, a JSON list of [what, password, option], from the standard input and prints a JSON list of hashes.

/** What WordPress 6.8 does in wp_hash_password(), with the cost as an option. */
function hash_as_wordpress(string $password, int $cost): string
{
    $digest = base64_encode(hash_hmac('sha384', trim($password), 'wp-sha384', true));
    return '$wp' . password_hash($digest, PASSWORD_BCRYPT, ['cost' => $cost]);
}

/** @param string|int $option */
function hash_one(string $what, string $password, $option): string
{
    switch ($what) {
        case 'crypt':
            return crypt($password, $option);
        case 'bcrypt':
            return password_hash($password, PASSWORD_BCRYPT, ['cost' => $option]);
        case 'argon2i':
        case 'argon2id':
            return password_hash($password, $what, ['memory_cost' => $option, 'time_cost' => 2, 'threads' => 1]);
        case 'wordpress':
            return hash_as_wordpress($password, $option);
        default:
            throw new InvalidArgumentException($what);
    }
}

if (($argv[1] ?? '') === 'version') {
    echo PHP_VERSION, "\n";
    exit(0);
}
$jobs = json_decode(stream_get_contents(STDIN), true, 512, JSON_THROW_ON_ERROR);
echo json_encode(array_map(fn (array $job) => hash_one(...$job), $jobs), JSON_UNESCAPED_SLASHES), "\n";
