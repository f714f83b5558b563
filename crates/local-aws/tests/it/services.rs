//! The smaller services, and what CloudFormation wants to hear said.

use serde_json::json;

use crate::client::{ACCOUNT, REGION, start};

#[tokio::test]
async fn what_one_name_of_the_connections_makes_the_other_finds() {
    let (aws, client) = start().await;
    let wanted =
        json!({"ProviderType": "Bitbucket", "ConnectionName": "bb", "Tags": [{"Key": "k", "Value": "v"}]});
    let (_, made) = client.json("codeconnections", "CreateConnection", &wanted).await;
    let arn = made["ConnectionArn"].as_str().unwrap();
    assert!(arn.starts_with(&format!("arn:aws:codeconnections:{REGION}:{ACCOUNT}:connection/")), "{arn}");
    let status = async || {
        let asked = json!({"ConnectionArn": arn});
        let (_, found) = client.json("codestar-connections", "GetConnection", &asked).await;
        found["Connection"]["ConnectionStatus"].as_str().unwrap().to_owned()
    };
    assert_eq!(status().await, "PENDING");
    assert_eq!(aws.with_state(|state| state.authorize_connection("bb")), 1);
    assert_eq!(status().await, "AVAILABLE");
    let github = json!({"ProviderTypeFilter": "GitHub"});
    let (_, listed) = client.json("codestar-connections", "ListConnections", &github).await;
    assert_eq!(listed["Connections"], json!([]));
    let (status, refused) =
        client.json("codestar-connections", "GetConnection", &json!({"ConnectionArn": "arn:x"})).await;
    assert_eq!((status, refused["__type"].as_str().unwrap()), (400, "ResourceNotFoundException"));
}

#[tokio::test]
async fn pipelines_are_found_by_their_tags_in_pages() {
    let (aws, client) = start().await;
    let role = aws.with_state(|state| state.add_role(ACCOUNT, "pipeline", ACCOUNT));
    let kind = |category: &str, provider: &str| json!({"category": category, "owner": "AWS", "provider": provider, "version": "1"});
    for name in ["one", "two", "three"] {
        let definition = json!({
            "name": name, "roleArn": role, "artifactStore": {"type": "S3", "location": "b"},
            "stages": [
                {"name": "Source", "actions": [{
                    "name": "S", "actionTypeId": kind("Source", "CodeCommit"), "outputArtifacts": [{"name": "A"}],
                    "configuration": {"RepositoryName": "r"},
                }]},
                {"name": "Wait", "actions": [{"name": "W", "actionTypeId": kind("Approval", "Manual")}]},
            ],
        });
        let tags =
            json!([{"key": "copilot-application", "value": if name == "three" { "other" } else { "shop" }}]);
        let input = json!({"pipeline": definition, "tags": tags});
        assert_eq!(client.json("codepipeline", "CreatePipeline", &input).await.0, 200);
    }
    let mut asked = json!({
        "ResourceTypeFilters": ["codepipeline:pipeline"], "ResourcesPerPage": 1,
        "TagFilters": [{"Key": "copilot-application", "Values": ["shop"]}],
    });
    let mut found = Vec::new();
    for _ in 0..5 {
        let (_, page) = client.json("tagging", "GetResources", &asked).await;
        let list = page["ResourceTagMappingList"].as_array().unwrap().clone();
        found.extend(list.iter().map(|entry| entry["ResourceARN"].as_str().unwrap().to_owned()));
        match page["PaginationToken"].as_str() {
            Some(token) if !token.is_empty() => asked["PaginationToken"] = json!(token),
            _ => break,
        }
    }
    found.sort();
    assert_eq!(found, ["one", "two"].map(|name| format!("arn:aws:codepipeline:{REGION}:{ACCOUNT}:{name}")));
}

#[tokio::test]
async fn a_secret_is_read_and_deleted_for_good() {
    let (aws, client) = start().await;
    let wanted = json!({"Name": "token", "SecretString": "s3cr3t", "Tags": [{"Key": "a", "Value": "b"}]});
    assert_eq!(client.json("secretsmanager", "CreateSecret", &wanted).await.0, 200);
    let again = client.json("secretsmanager", "CreateSecret", &wanted).await;
    assert_eq!(again.1["__type"], "ResourceExistsException");
    let id = json!({"SecretId": "token"});
    assert_eq!(client.json("secretsmanager", "GetSecretValue", &id).await.1["SecretString"], "s3cr3t");
    let (_, described) = client.json("secretsmanager", "DescribeSecret", &id).await;
    assert_eq!(described["Tags"], json!([{"Key": "a", "Value": "b"}]));
    assert!(!described.to_string().contains("s3cr3t"));
    let delete = json!({"SecretId": described["ARN"], "ForceDeleteWithoutRecovery": true});
    assert_eq!(client.json("secretsmanager", "DeleteSecret", &delete).await.0, 200);
    assert!(aws.with_state(|state| !state.region(ACCOUNT, REGION).has_secret("token")));
    assert_eq!(
        client.json("secretsmanager", "DescribeSecret", &id).await.1["__type"],
        "ResourceNotFoundException"
    );
}

#[tokio::test]
async fn roles_need_a_capability_and_names_another() {
    let (_aws, client) = start().await;
    let template = |name: &str| {
        format!(
            r#"Resources: {{R: {{Type: 'AWS::IAM::Role', Properties: {{{name} AssumeRolePolicyDocument: {{Version: "2012-10-17", Statement: [{{Effect: Allow, Action: "sts:AssumeRole", Principal: {{Service: "ecs.amazonaws.com"}}}}]}}}}}}}}"#
        )
    };
    let (unnamed, named) = (template(""), template("RoleName: r,"));
    let create = async |stack: &str, text: &str, capability: Option<&str>| {
        let mut fields = vec![("StackName", stack), ("TemplateBody", text)];
        fields.extend(capability.map(|capability| ("Capabilities.member.1", capability)));
        client.cfn("CreateStack", &fields).await
    };
    let refused = create("a", &unnamed, None).await;
    assert_eq!((refused.status, refused.xml("Code").as_str()), (400, "InsufficientCapabilitiesException"));
    assert_eq!(refused.xml("Message"), "Requires capabilities : [CAPABILITY_IAM]");
    let refused = create("a", &named, Some("CAPABILITY_IAM")).await;
    assert_eq!(refused.xml("Message"), "Requires capabilities : [CAPABILITY_NAMED_IAM]");
    assert_eq!(create("a", &unnamed, Some("CAPABILITY_IAM")).await.status, 200);
    assert_eq!(create("b", &named, Some("CAPABILITY_NAMED_IAM")).await.status, 200);
    assert_eq!(client.settle("b").await, "CREATE_COMPLETE");
}
