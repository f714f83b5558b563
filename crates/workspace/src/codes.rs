//! The stable codes of this crate's diagnostics.

copilot_yaml::codes! { pub(crate) static;
    UNREADABLE = "copilot::workspace::unreadable", "a file of the workspace can't be read",
        "The file exists, but the operating system doesn't let it be read as a file: its permissions forbid it, it is a \
         folder, a pipe or a device, or a link that leads nowhere. Or it is larger than any file that belongs here: 16 MB.";
    OUTSIDE = "copilot::workspace::outside", "a file leads out of the workspace",
        "A link, or `..`, on the way to the file leads out of the project: the folder that holds `copilot`. Whoever can \
         propose a change of a repository could otherwise have files of the machine read that runs this, and see them in \
         messages, images and uploads.\n\nMove the file into the project, or copy it there before; links that stay inside \
         are followed.";
    MISSING_NAME = "copilot::workspace::missing_name", "a manifest has no name",
        "Every manifest begins with its name:\n\n```yaml\nname: api\ntype: Backend Service\n```";
    NAME = "copilot::workspace::name", "a name holds what no name can hold",
        "The name of an application, a service, a job, an environment or a pipeline becomes a part of names of stacks, of paths and \
         of commands. It takes letters, digits and hyphens, begins with a letter or a digit, and has at most 255 letters.";
    NAME_MISMATCH = "copilot::workspace::name_mismatch", "a manifest's name is not that of its folder",
        "A service, job or environment is found by its folder, and its stacks are named by the manifest. The two have to be \
         the same: `copilot/api/manifest.yml` begins with `name: api`. (A pipeline's folder may have any name.)\n\nRename \
         the folder, or correct the name; a deployed stack keeps the name that it was deployed with.";
    MISSING_TYPE = "copilot::workspace::missing_type", "a manifest has no type",
        "The type decides what is deployed:\n\n```yaml\nname: api\ntype: Load Balanced Web Service\n```\n\nThe types are \
         `Load Balanced Web Service`, `Backend Service`, `Worker Service`, `Request-Driven Web Service`, `Static Site` and \
         `Scheduled Job`; an environment has the type `Environment`.";
    UNKNOWN_TYPE = "copilot::workspace::unknown_type", "a manifest's type is not known",
        "The types are `Load Balanced Web Service`, `Backend Service`, `Worker Service`, `Request-Driven Web Service`, \
         `Static Site` and `Scheduled Job`; an environment has the type `Environment`. Case and blanks count.";
    NOT_A_MAPPING = "copilot::workspace::not_a_mapping", "a manifest is not a mapping",
        "A manifest is a list of keys with values. The file is empty, or holds a list or a single value:\n\n```yaml\nname: \
         api\ntype: Backend Service\n```";
    NO_APPLICATION = "copilot::workspace::no_application", "the workspace belongs to no application",
        "`copilot/.workspace` says to which application the workspace belongs:\n\n```yaml\napplication: shop\n```\n\nCommit \
         the file: the pipeline reads it too.";
    DUPLICATE_PIPELINE = "copilot::workspace::duplicate_pipeline", "two pipelines have the same name",
        "A pipeline is known by the `name` in its manifest, not by its folder. Of two manifests with the same name only one \
         could be deployed. Rename one of them.";
    SHADOWED_PIPELINE = "copilot::workspace::shadowed_pipeline", "a pipeline has the name of the one in the old place",
        "`copilot/pipeline.yml` is where workspaces had their only pipeline once. A manifest below `copilot/pipelines` with the \
         same name is never read: Copilot takes the one in the old place, and so does this program. Delete one of the two, or \
         rename the pipeline that is not deployed yet.";
    IGNORED_MANIFEST = "copilot::workspace::ignored_manifest", "a manifest has a name under which nobody looks for it",
        "Manifests are read from `manifest.yml` only. A `manifest.yaml` beside it, or in its place, has no effect. Rename \
         it.";
}
