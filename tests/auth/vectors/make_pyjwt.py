#!/usr/bin/python3
"""Makes pyjwt.json: tokens and keys as another implementation (PyJWT) writes them.

Needs python3-jwt and python3-cryptography. The private keys are made anew and thrown away.
"""
import json
import pathlib

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from jwt.utils import base64url_encode

CLAIMS = {
    'sub': 'alice',
    'roles': ['user', 'dispatcher'],
    'clients': ['acme', 7],
    'permissions': ['notifications:publish'],
    'iss': 'https://issuer.example',
    'aud': ['map', 'other'],
    'nbf': 1_600_000_000,
    'exp': 4_000_000_000,
    'jti': 'a-1',
    'name': 'Älice ☃',
}


def number(value, size=None):
    size = size or (value.bit_length() + 7) // 8
    return base64url_encode(value.to_bytes(size, 'big')).decode()


def jwk(key, name):
    if isinstance(key, bytes):
        return {'kty': 'oct', 'kid': name, 'k': base64url_encode(key).decode()}
    public = key.public_key()
    if isinstance(key, rsa.RSAPrivateKey):
        numbers = public.public_numbers()
        return {'kty': 'RSA', 'kid': name, 'n': number(numbers.n), 'e': number(numbers.e)}
    if isinstance(key, ec.EllipticCurvePrivateKey):
        numbers = public.public_numbers()
        size = (key.key_size + 7) // 8
        return {'kty': 'EC', 'kid': name, 'crv': f'P-{key.key_size}',
                'x': number(numbers.x, size), 'y': number(numbers.y, size)}
    raw = public.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
    return {'kty': 'OKP', 'kid': name, 'crv': 'Ed25519', 'x': base64url_encode(raw).decode()}


def pem(key):
    if isinstance(key, bytes):
        return ''
    return key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo).decode()


def main():
    rsa_key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    keys = {'EdDSA': ed25519.Ed25519PrivateKey.generate()}
    for size, curve in ((256, ec.SECP256R1()), (384, ec.SECP384R1()), (512, ec.SECP521R1())):
        keys[f'HS{size}'] = f'a shared secret for HMAC with SHA-{size}, which is public here'.encode()
        keys[f'RS{size}'] = rsa_key
        keys[f'PS{size}'] = rsa_key
        keys[f'ES{size}'] = ec.generate_private_key(curve)
    out = []
    for name in sorted(keys):
        token = jwt.encode(CLAIMS, keys[name], algorithm=name, headers={'kid': name})
        out.append({'alg': name, 'token': token, 'jwk': jwk(keys[name], name), 'pem': pem(keys[name])})
    path = pathlib.Path(__file__).with_name('pyjwt.json')
    path.write_text(json.dumps(out, indent=1) + '\n')


main()
