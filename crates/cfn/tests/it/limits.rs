//! CloudFormation's limits.

use copilot_cfn::limits::{Delivery, Exceeded, INLINE_BYTES, S3_BYTES, check};
use copilot_cfn::write::to_yaml;
use copilot_cfn::{Map, Value, cfn};

fn with_resources(count: usize, bytes: usize) -> Value {
    let resources: Map = (0..count)
        .map(|n| (format!("R{n}"), cfn!({ "Type": "T", "Properties": { "Text": "x".repeat(bytes + n) } })))
        .collect();
    cfn!({ "Resources": resources })
}

#[test]
fn the_size_decides_on_the_delivery() {
    let template = with_resources(1, 1);
    for (size, delivery) in [
        (1, Delivery::Inline),
        (INLINE_BYTES, Delivery::Inline),
        (INLINE_BYTES + 1, Delivery::S3),
        (S3_BYTES, Delivery::S3),
    ] {
        assert_eq!(check(&template, &" ".repeat(size)), Ok(delivery), "{size}");
    }
    assert!(check(&template, &" ".repeat(S3_BYTES + 1)).is_err());
}

#[test]
fn a_template_that_is_too_large_names_its_biggest_parts() {
    let template = with_resources(7, 200_000);
    let exceeded = check(&template, &to_yaml(&template)).expect_err("too large");
    let [error @ Exceeded::Size { biggest, .. }] = exceeded.as_slice() else { panic!("{exceeded:?}") };
    assert_eq!(
        biggest.iter().map(|share| share.name.as_str()).collect::<Vec<_>>(),
        ["R6", "R5", "R4", "R3", "R2"]
    );
    insta::assert_snapshot!(error.to_string());
}

#[test]
fn all_limits_are_reported() {
    let mut template = with_resources(501, 1);
    template["Description"] = "x".repeat(1025).into();
    template["Outputs"] = (0..201).map(|n| (format!("O{n}"), cfn!({ "Value": n }))).collect::<Map>().into();
    let text: Vec<String> =
        check(&template, "").expect_err("too many").iter().map(ToString::to_string).collect();
    insta::assert_snapshot!(text.join("\n"));
}
