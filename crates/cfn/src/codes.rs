//! The stable codes of this crate's diagnostics.

use copilot_yaml::Code;

/// Every code that this crate can report, besides those of `copilot-yaml`.
pub static ALL_CODES: &[&Code] =
    &[&PATCH_SHAPE, &PATCH_UNKNOWN_KEY, &PATCH_OPERATION, &PATCH_PATH, &PATCH_VALUE, &PATCH_TARGET];

pub(crate) static PATCH_SHAPE: Code = Code {
    id: "copilot::patch::shape",
    summary: "a patches file is not a list of patches",
    explanation: "`cfn.patches.yml` is a list, each item with `op`, `path` and, but for `remove`, a `value`:\n\n\
        ```yaml\n- op: replace\n  path: /Resources/Service/Properties/DesiredCount\n  value: 2\n```\n\n\
        A file with nothing but comments holds no patch, which is fine.",
};

pub(crate) static PATCH_UNKNOWN_KEY: Code = Code {
    id: "copilot::patch::unknown_key",
    summary: "a patch has a key that means nothing",
    explanation: "A patch has the keys `op`, `path` and `value`. Any other has no effect; it may be a misspelt one.",
};

pub(crate) static PATCH_OPERATION: Code = Code {
    id: "copilot::patch::operation",
    summary: "a patch asks for an operation that there is not",
    explanation: "The operations are `add`, `remove` and `replace`. Those of RFC 6902 that compare or move (`test`, `move`, \
        `copy`) are not supported: write the value where it shall stand and remove it elsewhere.",
};

pub(crate) static PATCH_PATH: Code = Code {
    id: "copilot::patch::path",
    summary: "a patch's path is no JSON pointer",
    explanation: "A path begins with `/` and leads from the top of the template to one place: \
        `/Resources/TaskDefinition/Properties/ContainerDefinitions/0/Image`. Items of lists are counted from 0; `-` stands \
        for the place behind the last. A `/` in a key is written `~1`, a `~` is written `~0`.\n\nThe older parser dropped \
        the first part of a path without a leading `/` and looked for the rest, so such a path is an error here.",
};

pub(crate) static PATCH_VALUE: Code = Code {
    id: "copilot::patch::value",
    summary: "a patch that adds or replaces has no value",
    explanation: "`add` and `replace` need a `value`. To set null, write `value: null`.",
};

pub(crate) static PATCH_TARGET: Code = Code {
    id: "copilot::patch::target",
    summary: "a patch's path leads to nothing in the template",
    explanation: "Patches are applied one after the other. `add` needs the place around the new value, which it does not \
        create; `remove` and `replace` need the value itself. Render the template without patches to see which paths \
        there are, and mind that an earlier patch may have moved the items of a list.",
};
