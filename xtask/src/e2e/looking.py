"""Whether we say the same of services as Copilot does, on one application at one time."""
import json
import time
import urllib.request

CALL = {
    "Content-Type": "application/x-amz-json-1.1",
    "Authorization": "AWS4-HMAC-SHA256 Credential=123456789012/20260101/us-west-2/logs/aws4_request, SignedHeaders=host, Signature=0",
}
SPAN = 60_000


def alike(course, address, services, job, environments, failed):
    """Compares what both print as JSON. `address` is that of the local AWS without the proxy, for our program."""
    ours = {"AWS_ENDPOINT_URL": address}
    compared = 0
    for environment in environments:
        for name in services:
            write(address, f"/copilot/shop-{environment}-{name}", name)
            span = times()
            place = f"--name {name} --env {environment} --json"
            for line in (f"svc status {place}", f"svc logs {place} {span}", f"svc logs {place} --limit 3"):
                compared += same(course, ours, line, failed)
        write(address, f"/copilot/shop-{environment}-{job}", job)
        compared += same(course, ours, f"job logs --name {job} --env {environment} --json", failed)
    for name in services:
        compared += same(course, ours, f"svc show --name {name} --json", failed)
        compared += same(course, ours, f"svc show --name {name} --json --resources", failed)
        for environment in environments:
            compared += same(course, ours, f"svc show --name {name} --manifest {environment}", failed, json_lines=False)
    for line in ("svc ls --json", "job ls --json", "app show --json"):
        compared += same(course, ours, line, failed)
    print(f"== {compared} answers are the same", flush=True)


def same(course, ours, line, failed, json_lines=True):
    """Fails if the two answers differ in more than the order of what has none."""
    told = []
    for program, variables in ((course.copilot, course.proxied()), (course.ours_program, ours)):
        printed, _ = course.run(program, line.split(), variables)
        told.append(facts(printed, line) if json_lines else printed)
    if told[0] != told[1]:
        raise failed(f"`{line}` of Copilot and ours differ:\n{told[0]}\n{told[1]}")
    return 1


def facts(printed, line):
    """What is told, in an order of its own where there is none: several lines of one time, resources, and so on."""
    values = [json.loads(text) for text in printed.splitlines() if text]
    if " logs " in f" {line} ":
        return sorted(values, key=lambda event: (event["timestamp"], event["logStreamName"], event["message"]))
    return [ordered(value) for value in values]


def ordered(value):
    if isinstance(value, dict):
        value = {key: ordered(item) for key, item in value.items()}
        # We tell a pipeline's name in its manifest besides, and the actions of its stages.
        if "pipelineName" in value:
            value.pop("name", None)
        if {"name", "category", "provider", "details"} <= value.keys():
            value.pop("actions", None)
        return value
    if isinstance(value, list):
        return sorted((ordered(item) for item in value), key=lambda item: json.dumps(item, sort_keys=True))
    return value


def write(address, group, container):
    """Has tasks of a service write a few lines: one that ended long ago, and one that writes now."""
    now = int(time.time() * 1000)
    for task, ago in (("0a1b2c3d4e5f60718293a4b5c6d7e8f9", 30 * SPAN), ("1b2c3d4e5f60718293a4b5c6d7e8f90a", SPAN)):
        stream = {"logGroupName": group, "logStreamName": f"copilot/{container}/{task}"}
        call(address, "CreateLogStream", stream)
        events = [{"timestamp": now - ago + line, "message": f"line {line} of {task[:4]}"} for line in range(5)]
        call(address, "PutLogEvents", stream | {"logEvents": events})


def call(address, operation, body):
    headers = CALL | {"X-Amz-Target": f"Logs_20140328.{operation}"}
    urllib.request.urlopen(urllib.request.Request(address, json.dumps(body).encode(), headers))


def times():
    """A range of times that has ended, so that both see the same of it."""
    ends = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    begins = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - 3600))
    return f"--start-time {begins} --end-time {ends}"
