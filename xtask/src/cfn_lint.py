"""Reads the templates whose paths are given with cfn-lint, in one process, and fails on any error.

An error is excused only below, with the reason, and an excuse that nothing needs is itself an error.
"""

import sys

from cfnlint.config import ConfigMixIn, ManualArgs
from cfnlint.runner import Runner

EXCUSED = {
    # cfn-lint does not know that `DefinitionSubstitutions` fill in the partition.
    ("E3601", "arn:${Partition}:states:::ecs:runTask.sync"): 0,
    # Without certificates a parameter says that there is no listener for HTTPS, which cfn-lint can't know.
    ("E3676", "'Certificates' is a required property"): 0,
}


def excused(match):
    for rule, words in EXCUSED:
        if match.rule.id == rule and words in match.message:
            EXCUSED[rule, words] += 1
            return True
    return False


def main(paths):
    config = ManualArgs(templates=paths, regions=["eu-west-1"], ignore_checks=["W", "I"])
    errors = [match for match in Runner(ConfigMixIn(**config)).run() if not excused(match)]
    for match in errors:
        print(f"{match.filename}:{match.linenumber}:{match.columnnumber}: {match.rule.id} {match.message}")
    unused = [" ".join(excuse) for excuse, count in EXCUSED.items() if count == 0]
    for excuse in unused:
        print(f"nothing needs the excuse: {excuse}")
    print(f"cfn-lint: {len(paths)} templates, {len(errors)} errors, {sum(EXCUSED.values())} excused")
    return 1 if errors or unused else 0


sys.exit(main(sys.argv[1:]))
