//! An application that is set up for a demonstration or a test.

use copilot_local_aws::Application;
use serde_json::{Value, json};

use crate::client::{ACCOUNT, Client, REGION, start};

#[tokio::test]
async fn everything_that_a_deployment_reads_is_there() {
    let (aws, client) = start().await;
    let mut application = Application::new("shop", ACCOUNT, REGION)
        .environment("test", "eu-west-1")
        .environment("prod", "us-east-1")
        .workload("api", "Load Balanced Web Service")
        .workload("order-mailer", "Worker Service")
        .workload("site", "Static Site");
    application.environments[1].account = "210987654321".into();
    aws.create_application(&application).unwrap();
    assert_eq!(aws.calls().total(), 0, "setting up is not counted");

    let path = json!({"Path": "/copilot/applications/shop/environments/"});
    let (_, environments) = client.json("ssm", "GetParametersByPath", &path).await;
    let prod: Value = serde_json::from_str(environments["Parameters"][0]["Value"].as_str().unwrap()).unwrap();
    assert_eq!(prod["name"], "prod");
    let role = prod["managerRoleARN"].as_str().unwrap();
    assert_eq!(role, "arn:aws:iam::210987654321:role/shop-prod-EnvManagerRole");
    let assumed = client.query("sts", "AssumeRole", &[("RoleArn", role), ("RoleSessionName", "s")]).await;
    assert_eq!(assumed.status, 200, "{}", assumed.text());

    let listed = client.cfn("ListStackInstances", &[("StackSetName", "shop-infrastructure")]).await;
    assert_eq!(listed.all("Region"), ["eu-west-1", "us-east-1"]);
    aws.with_state(|state| {
        let europe = state.region(ACCOUNT, "eu-west-1");
        let instance = europe.stacks().into_iter().find(|name| name.starts_with("StackSet-")).unwrap();
        let instance = europe.stack(&instance).unwrap();
        let outputs: Vec<&str> = instance.outputs.keys().map(String::as_str).collect();
        assert_eq!(
            outputs,
            [
                "ECRRepoapi",
                "ECRRepoorderDASHmailer",
                "KMSKeyARN",
                "PipelineBucket",
                "StackSetOpId",
                "TemplateVersion"
            ]
        );
        assert_eq!(europe.stack("shop-test").unwrap().status, "CREATE_COMPLETE");
    });
    let there = Client { region: "eu-west-1".into(), ..client };
    let summary = there.cfn("GetTemplateSummary", &[("StackName", "shop-test")]).await;
    assert!(summary.xml("Metadata").contains("v1.42.0"), "{}", summary.text());
    let again = aws.create_application(&application).unwrap_err();
    assert_eq!(again.code, "AlreadyExistsException");
}

#[tokio::test]
async fn environments_are_what_their_templates_say() {
    let (aws, _client) = start().await;
    let mut application = Application::new("shop", ACCOUNT, REGION).environment("test", REGION);
    aws.begin_application(&application).unwrap();
    aws.with_state(|state| assert_eq!(state.buckets().len(), 1, "the bucket is there before"));
    let mut environment = application.environments.remove(0);
    let template = "
Parameters: {AppName: {Type: String}, Type: {Type: String, Default: String}}
Resources: {Setting: {Type: AWS::SSM::Parameter, Properties: {Name: /setting, Type: !Ref Type, Value: !Ref AppName}}}
Outputs: {Setting: {Value: !Ref Setting, Export: {Name: !Sub '${AWS::StackName}-Setting'}}}
";
    environment.template = Some(template.into());
    let refused = aws.create_environment(&application, &environment).unwrap_err();
    assert!(refused.message.contains("AppName"), "{refused}");
    environment.parameters.insert("AppName".into(), "shop".into());
    aws.create_environment(&application, &environment).unwrap();
    aws.with_state(|state| {
        let region = state.region(ACCOUNT, REGION);
        assert_eq!(region.parameter("/setting").as_deref(), Some("shop"));
        let stack = region.stack("shop-test").unwrap();
        assert_eq!((stack.template.as_str(), stack.status.as_str()), (template, "CREATE_COMPLETE"));
        assert_eq!(stack.tags["copilot-environment"], "test");
    });
    environment.name = "prod".into();
    let taken = aws.create_environment(&application, &environment).unwrap_err();
    assert!(taken.message.contains("stack shop-prod ended in ROLLBACK_COMPLETE: Setting: "), "{taken}");
}
