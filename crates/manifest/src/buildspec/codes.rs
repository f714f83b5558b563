//! The stable codes of what can be wrong with a buildspec.

copilot_yaml::codes! { pub static;
    MALFORMED = "copilot::buildspec::malformed", "CodeBuild can't read a buildspec",
        "The build would end before its first command. A buildspec has a version and phases with lists of commands:\n\n\
         ```yaml\nversion: 0.2\nphases:\n  build:\n    commands:\n      - make test\n```\n\n\
         A command that holds a colon and a blank is in quotes: `- 'echo \"a: b\"'`.";
    COMMAND = "copilot::buildspec::command", "a command of a buildspec can't be run",
        "Either the shell would refuse it, because a quote or a bracket in it is not closed, or `copilot-pipeline` would, because it \
         has no such command or flag.";
    HASH = "copilot::buildspec::hash", "a buildspec pins something that is not a SHA-256",
        "`COPILOT_PIPELINE_SHA256_AMD64` and `COPILOT_PIPELINE_SHA256_ARM64` hold the SHA-256 of the program that builds run: 64 \
         hexadecimal digits, in lower case. `copilot-pipeline self upload` writes them.";
    NO_PROGRAM = "copilot::buildspec::no_program", "a buildspec pins no program for the processor of its image",
        "A build runs `copilot-pipeline` only if its SHA-256 stands in the committed buildspec, by the processor of the build's \
         image. `copilot-pipeline deploy` pins the program that it is, if that runs on Linux and on this processor. Otherwise \
         `copilot-pipeline self upload --file ARCHIVE` brings a release there and pins it. Commit the buildspec afterwards.";
    COPILOT = "copilot::buildspec::copilot", "a buildspec downloads AWS Copilot",
        "Its support has ended, and what is downloaded is run without a look at whether it is what was released. \
         `copilot-pipeline init` writes a buildspec that runs `copilot-pipeline build` instead. It makes the same stacks.";
}
