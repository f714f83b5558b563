//! Paths in dots and brackets.

use copilot_cfn::{PathError, PropertyPath, Value, cfn};

fn set(path: &str, value: impl Into<Value>) -> Result<Value, PathError> {
    let mut root = cfn!({
        "Cpu": 256,
        "ContainerDefinitions": [{ "Name": "web", "Ulimits": [{ "Name": "nofile" }] }, { "Name": "log" }],
        "Role": { "Fn::GetAtt": ["Role", "Arn"] },
    });
    PropertyPath::parse(path)?.set(&mut root, value.into())?;
    Ok(root)
}

#[test]
fn property_paths_set_values() {
    for (path, at, expected) in [
        ("Cpu", "Cpu", cfn!("x")),
        ("New", "New", cfn!("x")),
        ("New.Deep.Deeper", "New", cfn!({ "Deep": { "Deeper": "x" } })),
        ("ContainerDefinitions[1].Image", "ContainerDefinitions/1", cfn!({ "Name": "log", "Image": "x" })),
        (
            "ContainerDefinitions[0].Ulimits[-].HardLimit",
            "ContainerDefinitions/0/Ulimits",
            cfn!([{ "Name": "nofile" }, { "HardLimit": "x" }]),
        ),
        (
            "ContainerDefinitions[1].Ulimits[-].HardLimit",
            "ContainerDefinitions/1/Ulimits",
            cfn!([{ "HardLimit": "x" }]),
        ),
        ("ContainerDefinitions[0].Ulimits[0]", "ContainerDefinitions/0/Ulimits", cfn!(["x"])),
        ("ContainerDefinitions[0].Ulimits[-]", "ContainerDefinitions/0/Ulimits/1", cfn!("x")),
        ("List[-]", "List", cfn!(["x"])),
        ("List[7]", "List", cfn!(["x"])),
        ("ContainerDefinitions[1]", "ContainerDefinitions/1", cfn!("x")),
        ("Role", "Role", cfn!("x")),
    ] {
        assert_eq!(
            set(path, "x").unwrap_or_else(|error| panic!("{path}: {error}")).at(at),
            Some(&expected),
            "{path}"
        );
    }
}

#[test]
fn property_paths_that_can_not_be_followed() {
    let mut report = Vec::new();
    for path in [
        "",
        ".",
        "A.",
        "A..B",
        "A[0][0]",
        "A[]",
        "A[x]",
        "A[0",
        "A]",
        "[0]",
        "A[-1]",
        "A[99999999999999999999999]",
        "A b",
        "Missing[0].A",
        "ContainerDefinitions[2].A",
        "ContainerDefinitions[2]",
        "Cpu.A",
        "Cpu[0]",
        "Cpu[-].A",
        "ContainerDefinitions.A",
        "Role.A",
    ] {
        report.push(format!("{path:?}: {}", set(path, 1).expect_err(path)));
    }
    insta::assert_snapshot!(report.join("\n"));
}
