//! What a stack has deployed, as the services behind it describe it.

use copilot_local_aws::LocalAws;
use serde_json::json;

use crate::client::{ACCOUNT, Client, REGION, ask, start};

const TEMPLATE: &str = r#"{"Resources": {
    "Vpc": {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.0.0.0/16", "EnableDnsHostnames": true}},
    "Cluster": {"Type": "AWS::ECS::Cluster"},
    "Group": {"Type": "AWS::ElasticLoadBalancingV2::TargetGroup", "Properties": {"Port": 8080}},
    "Task": {"Type": "AWS::ECS::TaskDefinition", "Properties": {
        "Family": "shop-test-web", "Cpu": 256, "Memory": "512",
        "ContainerDefinitions": [{
            "Name": "web", "Image": "registry/shop/web@sha256:abc", "Essential": "true", "Cpu": "10",
            "PortMappings": [{"ContainerPort": "8080"}], "Environment": [{"Name": "A", "Value": "b"}]
        }]
    }},
    "Service": {"Type": "AWS::ECS::Service", "Properties": {
        "Cluster": {"Ref": "Cluster"}, "TaskDefinition": {"Ref": "Task"}, "DesiredCount": "2", "LaunchType": "FARGATE",
        "LoadBalancers": [{"TargetGroupArn": {"Ref": "Group"}, "ContainerName": "web", "ContainerPort": "8080"}],
        "ServiceConnectConfiguration": {"Enabled": "true", "Services": [{"ClientAliases": [{"DnsName": "web", "Port": "80"}]}]}
    }},
    "Target": {"Type": "AWS::ApplicationAutoScaling::ScalableTarget", "Properties": {"ResourceId": "service/c/s"}},
    "Policy": {"Type": "AWS::ApplicationAutoScaling::ScalingPolicy", "Properties": {
        "PolicyName": "cpu", "PolicyType": "TargetTrackingScaling", "ScalingTargetId": {"Ref": "Target"}
    }},
    "Alarm": {"Type": "AWS::CloudWatch::Alarm", "Properties": {"AlarmName": "shop-test-web-high", "Threshold": 80}},
    "Machine": {"Type": "AWS::StepFunctions::StateMachine", "Properties": {"StateMachineName": "nightly", "RoleArn": "r"}},
    "Runner": {"Type": "AWS::AppRunner::Service", "Properties": {"ServiceName": "shop-test-front"}}
  },
  "Outputs": {
    "Vpc": {"Value": {"Ref": "Vpc"}}, "Group": {"Value": {"Ref": "Group"}}, "Machine": {"Value": {"Ref": "Machine"}},
    "Runner": {"Value": {"Fn::GetAtt": ["Runner", "ServiceArn"]}}, "Url": {"Value": {"Fn::GetAtt": ["Runner", "ServiceUrl"]}}
  }
}"#;

async fn deployed() -> (LocalAws, Client) {
    let (aws, client) = start().await;
    let tag = [("Tags.member.1.Key", "copilot-service"), ("Tags.member.1.Value", "web")];
    let fields = [&[("StackName", "web"), ("TemplateBody", TEMPLATE)], &tag[..]].concat();
    assert_eq!(client.cfn("CreateStack", &fields).await.status, 200);
    assert_eq!(client.settle("web").await, "CREATE_COMPLETE");
    (aws, client)
}

fn output(aws: &LocalAws, name: &str) -> String {
    aws.with_state(|state| state.region(ACCOUNT, REGION).stack("web")).unwrap().outputs[name].clone()
}

/// The only resource of a type that the tagging API finds.
async fn tagged(client: &Client, kind: &str) -> String {
    let filter = json!([{"Key": "copilot-service", "Values": ["web"]}]);
    let asked = json!({"ResourceTypeFilters": [kind], "TagFilters": filter});
    let (_, found) = client.json("tagging", "GetResources", &asked).await;
    assert_eq!(found["ResourceTagMappingList"].as_array().unwrap().len(), 1, "{kind}: {found}");
    found["ResourceTagMappingList"][0]["ResourceARN"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_service_is_found_by_its_tags_with_all_its_tasks() {
    let (aws, client) = deployed().await;
    let (cluster, service) = (tagged(&client, "ecs:cluster").await, tagged(&client, "ecs:service").await);
    let clusters = ask(&client, "ecs", "DescribeClusters", json!({"clusters": [cluster, "gone"]})).await;
    assert_eq!(clusters["clusters"][0]["status"], "ACTIVE");
    assert_eq!(clusters["clusters"][0]["runningTasksCount"], 2);
    assert_eq!(clusters["failures"][0]["reason"], "MISSING");
    let asked = json!({"cluster": cluster, "services": [service]});
    let found = &ask(&client, "ecs", "DescribeServices", asked).await["services"][0];
    assert_eq!(
        (&found["desiredCount"], &found["deployments"][0]["rolloutState"]),
        (&json!(2), &json!("COMPLETED"))
    );
    let alias = &found["deployments"][0]["serviceConnectConfiguration"]["services"][0]["clientAliases"][0];
    assert_eq!(alias, &json!({"dnsName": "web", "port": 80}));
    let asked = json!({"cluster": cluster, "serviceName": found["serviceName"]});
    let tasks = ask(&client, "ecs", "ListTasks", asked).await["taskArns"].clone();
    assert_eq!(tasks.as_array().unwrap().len(), 2);
    let asked = json!({"cluster": cluster, "serviceName": found["serviceName"], "desiredStatus": "STOPPED"});
    assert_eq!(ask(&client, "ecs", "ListTasks", asked).await["taskArns"], json!([]));
    let asked = json!({"cluster": cluster, "tasks": tasks});
    let tasks = ask(&client, "ecs", "DescribeTasks", asked).await["tasks"].clone();
    assert_eq!(tasks[0]["containers"][0]["imageDigest"], "sha256:abc");
    // The load balancer sends to the addresses of the tasks.
    let group = output(&aws, "Group");
    let fields = [("TargetGroupArn", group.as_str())];
    let health = client.query("elasticloadbalancing", "DescribeTargetHealth", &fields).await;
    let addresses: Vec<&str> =
        (0..2).map(|at| tasks[at]["attachments"][0]["details"][0]["value"].as_str().unwrap()).collect();
    assert_eq!(health.all("Id"), addresses);
    assert_eq!(health.all("State"), ["healthy", "healthy"]);
    let refused =
        client.json("ecs", "DescribeServices", &json!({"cluster": "gone", "services": ["x"]})).await;
    assert_eq!((refused.0, &refused.1["__type"]), (400, &json!("ClusterNotFoundException")));
}

#[tokio::test]
async fn a_task_definition_has_the_types_of_its_api() {
    let (_aws, client) = deployed().await;
    let asked = json!({"taskDefinition": "shop-test-web"});
    let found = ask(&client, "ecs", "DescribeTaskDefinition", asked).await["taskDefinition"].clone();
    assert_eq!((&found["cpu"], &found["memory"]), (&json!("256"), &json!("512")));
    assert_eq!(
        found["containerDefinitions"][0],
        json!({
            "name": "web", "image": "registry/shop/web@sha256:abc", "essential": true, "cpu": 10,
            "portMappings": [{"containerPort": 8080}], "environment": [{"name": "A", "value": "b"}],
        })
    );
    let refused = client.json("ecs", "DescribeTaskDefinition", &json!({"taskDefinition": "other"})).await;
    assert_eq!((refused.0, &refused.1["__type"]), (400, &json!("ClientException")));
}

#[tokio::test]
async fn alarms_policies_machines_and_app_runner_describe_what_is_deployed() {
    let (aws, client) = deployed().await;
    let alarm = tagged(&client, "cloudwatch:alarm").await;
    let fields = [("AlarmNamePrefix", "shop-test-")];
    let alarms = client.query("monitoring", "DescribeAlarms", &fields).await;
    assert_eq!((alarms.xml("AlarmArn"), alarms.xml("StateValue")), (alarm, "OK".to_owned()));
    let asked = json!({"ServiceNamespace": "ecs", "ResourceId": "service/c/s"});
    let policies = ask(&client, "application-autoscaling", "DescribeScalingPolicies", asked).await;
    assert_eq!(policies["ScalingPolicies"][0]["PolicyName"], "cpu");
    let asked = json!({"ServiceNamespace": "ecs", "ResourceId": "service/c/other"});
    let policies = ask(&client, "application-autoscaling", "DescribeScalingPolicies", asked).await;
    assert_eq!(policies["ScalingPolicies"], json!([]));
    let machine = tagged(&client, "states").await;
    assert_eq!(machine, output(&aws, "Machine"));
    let started =
        ask(&client, "states", "StartExecution", json!({"stateMachineArn": machine, "name": "x"})).await;
    assert!(started["executionArn"].as_str().unwrap().ends_with(":execution:nightly:x"), "{started}");
    let refused = client.json("states", "DescribeStateMachine", &json!({"stateMachineArn": "arn:x"})).await;
    assert_eq!(refused.1["__type"], "StateMachineDoesNotExist");
    let runner = tagged(&client, "apprunner").await;
    assert_eq!(runner, output(&aws, "Runner"));
    let found = ask(&client, "apprunner", "DescribeService", json!({"ServiceArn": runner})).await;
    assert_eq!(found["Service"]["Status"], "RUNNING");
    assert_eq!(found["Service"]["ServiceUrl"], output(&aws, "Url"));
    let id = found["Service"]["ServiceId"].as_str().unwrap();
    let group = json!({"logGroupName": format!("/aws/apprunner/shop-test-front/{id}/service")});
    let streams = ask(&client, "logs", "DescribeLogStreams", group).await;
    assert_eq!(streams["logStreams"][0]["logStreamName"], "events");
}

#[tokio::test]
async fn a_vpc_says_whether_it_resolves_names() {
    let (aws, client) = deployed().await;
    let vpc = output(&aws, "Vpc");
    let asked = async |id: &str, attribute: &str| {
        client.query("ec2", "DescribeVpcAttribute", &[("VpcId", id), ("Attribute", attribute)]).await
    };
    for attribute in ["enableDnsSupport", "enableDnsHostnames"] {
        assert_eq!(asked(&vpc, attribute).await.xml(attribute), "<value>true</value>");
    }
    assert_eq!(asked("vpc-0", "enableDnsSupport").await.xml("Code"), "InvalidVpcID.NotFound");
    assert_eq!(asked(&vpc, "colour").await.xml("Code"), "InvalidParameterValue");
}
