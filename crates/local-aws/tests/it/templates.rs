//! Whole templates of pipelines, where there are any at hand.

use std::path::{Path, PathBuf};

use crate::client::{ACCOUNT, REGION, start};

fn conformance() -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    #[expect(clippy::disallowed_methods, reason = "the suite's place may be given from outside")]
    let given = std::env::var("COPILOT_CONFORMANCE").ok().map(PathBuf::from);
    given
        .into_iter()
        .chain([root.join("../shared/conformance"), root.join("../../shared/conformance")])
        .find(|path| path.is_dir())
}

#[tokio::test]
async fn pipelines_of_the_conformance_suite_are_created_and_deleted() {
    let Some(suite) = conformance() else {
        println!("no conformance suite at hand: 0 templates");
        return;
    };
    let mut count = 0;
    for case in std::fs::read_dir(&suite).unwrap().filter_map(Result::ok) {
        let name = case.file_name().into_string().unwrap();
        if !name.starts_with("pipeline-") {
            continue;
        }
        let files = std::fs::read_dir(case.path().join("expected")).unwrap().filter_map(Result::ok);
        for file in files.filter(|file| file.file_name().to_string_lossy().ends_with(".stack.json")) {
            let text = std::fs::read_to_string(file.path()).unwrap().replace(":1111:", ":123456789012:");
            count += 1;
            create_and_delete(&name, &text).await;
        }
    }
    println!("{count} templates");
    assert!(count > 0);
}

async fn create_and_delete(name: &str, text: &str) {
    let (aws, client) = start().await;
    let key = "Resources: {K: {Type: 'AWS::KMS::Key'}}\nOutputs: {K: {Value: !GetAtt K.Arn, Export: {Name: phonetool-ArtifactKey}}}";
    client.cfn("CreateStack", &[("StackName", "key"), ("TemplateBody", key)]).await;
    client.settle("key").await;
    let secret = serde_json::json!({"Name": "my secret", "SecretString": "token"});
    client.json("secretsmanager", "CreateSecret", &secret).await;
    let fields = [
        ("StackName", name),
        ("TemplateBody", text),
        ("Capabilities.member.1", "CAPABILITY_NAMED_IAM"),
        ("Tags.member.1.Key", "copilot-application"),
        ("Tags.member.1.Value", "phonetool"),
    ];
    let answer = client.cfn("CreateStack", &fields).await;
    assert_eq!(answer.status, 200, "{name}: {}", answer.text());
    let status = client.settle(name).await;
    assert_eq!(status, "CREATE_COMPLETE", "{name}: {}", client.events(name).await);
    aws.with_state(|state| assert_eq!(state.region(ACCOUNT, REGION).pipelines().len(), 1, "{name}"));
    client.cfn("DeleteStack", &[("StackName", name)]).await;
    client.settle(name).await;
    aws.with_state(|state| {
        assert_eq!(state.region(ACCOUNT, REGION).stacks(), ["key"], "{name}");
        assert!(state.region(ACCOUNT, REGION).pipelines().is_empty());
        assert!(state.roles(ACCOUNT).is_empty(), "{name} leaves roles behind");
    });
}
