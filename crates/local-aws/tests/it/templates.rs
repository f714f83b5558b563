//! Whole templates of pipelines and environments that Copilot has rendered.

use crate::client::{ACCOUNT, REGION, start};
use crate::reference::folder;

#[tokio::test]
async fn pipelines_of_the_conformance_suite_are_created_and_deleted() {
    let Some(suite) = folder("conformance") else { return };
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

#[tokio::test]
async fn environments_of_the_conformance_suite_are_created_and_deleted() {
    let Some(suite) = folder("conformance") else { return };
    let mut count = 0;
    for case in std::fs::read_dir(&suite).unwrap().filter_map(Result::ok) {
        let name = case.file_name().into_string().unwrap();
        let Ok(files) = std::fs::read_dir(case.path().join("expected")) else { continue };
        let files = files.filter_map(Result::ok).map(|file| file.path());
        for file in files.filter(|file| {
            name.starts_with("environment-") && file.to_string_lossy().ends_with(".stack.json")
        }) {
            // Short enough to be sent as it is.
            let text: serde_json::Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
            let text = text.to_string();
            let given = std::fs::read(file.to_string_lossy().replace(".stack.json", ".params.json")).unwrap();
            let given: serde_json::Value = serde_json::from_slice(&given).unwrap();
            count += 1;
            environment(&name, &text, &given["Parameters"]).await;
        }
    }
    println!("{count} templates");
    assert!(count > 0);
}

/// With a load balancer, file systems and translated addresses, and without.
async fn environment(name: &str, text: &str, given: &serde_json::Value) {
    let (aws, client) = start().await;
    for workloads in ["", "web"] {
        let mut fields =
            vec![("StackName".to_owned(), name.to_owned()), ("TemplateBody".to_owned(), text.to_owned())];
        fields.push(("Capabilities.member.1".to_owned(), "CAPABILITY_NAMED_IAM".to_owned()));
        for (at, (key, value)) in given.as_object().unwrap().iter().enumerate() {
            let value = if key.ends_with("Workloads") { workloads } else { value.as_str().unwrap() };
            fields.push((format!("Parameters.member.{}.ParameterKey", at + 1), key.clone()));
            fields.push((format!("Parameters.member.{}.ParameterValue", at + 1), value.to_owned()));
        }
        let fields: Vec<(&str, &str)> =
            fields.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
        let (operation, wanted) = if workloads.is_empty() {
            ("CreateStack", "CREATE_COMPLETE")
        } else {
            ("UpdateStack", "UPDATE_COMPLETE")
        };
        let answer = client.cfn(operation, &fields).await;
        assert_eq!(answer.status, 200, "{name}: {}", answer.text());
        assert_eq!(client.settle(name).await, wanted, "{name}: {}", client.events(name).await);
    }
    client.cfn("DeleteStack", &[("StackName", name)]).await;
    client.settle(name).await;
    aws.with_state(|state| assert!(state.region(ACCOUNT, REGION).stacks().is_empty(), "{name}"));
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
