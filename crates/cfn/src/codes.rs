//! The stable codes of this crate's diagnostics.

copilot_yaml::codes! { pub(crate) static;
    PATCH_SHAPE = "copilot::patch::shape", "a patches file is not a list of patches",
        "`cfn.patches.yml` is a list, each item with `op`, `path` and, but for `remove`, a `value`:\n\n\
        ```yaml\n- op: replace\n  path: /Resources/Service/Properties/DesiredCount\n  value: 2\n```\n\n\
        A file with nothing but comments holds no patch, which is fine.";
    PATCH_UNKNOWN_KEY = "copilot::patch::unknown_key", "a patch has a key that means nothing",
        "A patch has the keys `op`, `path` and `value`. Any other has no effect; it may be a misspelt one.";
    PATCH_OPERATION = "copilot::patch::operation", "a patch asks for an operation that there is not",
        "The operations are `add`, `remove` and `replace`. Those of RFC 6902 that compare or move (`test`, `move`, \
        `copy`) are not supported: write the value where it shall stand and remove it elsewhere.";
    PATCH_PATH = "copilot::patch::path", "a patch's path is not a JSON pointer",
        "A path begins with `/` and leads from the top of the template to one place: \
        `/Resources/TaskDefinition/Properties/ContainerDefinitions/0/Image`. Items of lists are counted from 0; `-` stands \
        for the place behind the last. A `/` in a key is written `~1`, a `~` is written `~0`.\n\nThe older parser dropped \
        the first part of a path without a leading `/` and looked for the rest, so such a path is an error here.";
    PATCH_VALUE = "copilot::patch::value", "a patch that adds or replaces has no value",
        "`add` and `replace` need a `value`. To set null, write `value: null`.";
    PATCH_TARGET = "copilot::patch::target", "a patch's path leads to nothing in the template",
        "Patches are applied one after the other. `add` needs the place around the new value, which it does not \
        create; `remove` and `replace` need the value itself. Render the template without patches to see which paths \
        there are, and mind that an earlier patch may have moved the items of a list.";
}
