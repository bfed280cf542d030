"""A publisher as existing backends have it: each line of standard input is one envelope.

Prints how many listeners heard each.
"""

import json
import os
import sys

import redis

link = redis.Redis.from_url(os.environ["REDIS_URL"])
for line in sys.stdin:
    envelope = json.loads(line)
    print(link.publish("socket:notifications", json.dumps(envelope)), flush=True)
