"""Talks to the server as node-orchestrator's own Python client does: the same calls, headers and bodies.

One POST per object, the schema of a folder checked before anything is sent, tokens made from a shared secret without a
scope. Prints one JSON line per call.
"""

import argparse
import concurrent.futures
import datetime
import json
import os
import sys

import jsonschema
import jwt
import requests


def token(secret):
    now = datetime.datetime.now(tz=datetime.timezone.utc)
    claims = {
        "sub": "someone@example.org",
        "tenant_id": "f8b3b3b7-4b1b-4b7b-8b3b-7b4b1b4b1b4b",
        "partition_roles": ["admin"],
        "exp": now + datetime.timedelta(seconds=600),
        "nbf": now,
        "iat": now,
        "iss": "https://example.openchami.cluster",
        "aud": "https://example.openchami.cluster",
    }
    return jwt.encode(claims, secret, algorithm="HS256")


def call(options, method, kind, key, body):
    url = f"{options.url}/{kind}" + (f"/{key}" if key else "")
    headers = {"Authorization": f"Bearer {options.jwt}"} if options.jwt else {}
    answer = requests.request(method, url, json=body, headers=headers, timeout=30)
    try:
        content = answer.json()
    except requests.exceptions.JSONDecodeError:
        content = answer.text
    return {"status": answer.status_code, "body": content}


def check(options, kind, body):
    if not options.schema_dir:
        return
    with open(os.path.join(options.schema_dir, f"{kind}.json"), encoding="utf-8") as file:
        jsonschema.validate(instance=body, schema=json.load(file))


def create(options):
    body = json.load(sys.stdin)
    if not isinstance(body, list):
        check(options, options.kind, body)
        return [call(options, "POST", options.kind, None, body)]
    for item in body:
        check(options, options.kind, item)
    with concurrent.futures.ThreadPoolExecutor(options.at_once) as pool:
        return list(pool.map(lambda item: call(options, "POST", options.kind, None, item), body))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--url", required=True)
    parser.add_argument("--schema-dir")
    parser.add_argument("--jwt")
    parser.add_argument("--gen-jwt-secret")
    parser.add_argument("--at-once", type=int, default=1)
    parser.add_argument("command", choices=["create", "update", "get", "delete"])
    parser.add_argument("kind")
    parser.add_argument("key", nargs="?")
    options = parser.parse_args()
    if options.gen_jwt_secret:
        options.jwt = token(options.gen_jwt_secret)
    if options.command == "create":
        answers = create(options)
    elif options.command == "update":
        body = json.load(sys.stdin)
        check(options, options.kind, body)
        answers = [call(options, "PUT", options.kind, options.key, body)]
    else:
        method = {"get": "GET", "delete": "DELETE"}[options.command]
        answers = [call(options, method, options.kind, options.key, None)]
    for answer in answers:
        print(json.dumps(answer))


main()
