//! Roles that can be assumed, and those that cannot.

use serde_json::json;

use crate::client::{ACCOUNT, Client, start};

const OTHER: &str = "210987654321";

async fn assume(client: &Client, arn: &str) -> Result<Client, String> {
    let answer = client.query("sts", "AssumeRole", &[("RoleArn", arn), ("RoleSessionName", "test")]).await;
    if answer.status != 200 {
        return Err(answer.xml("Code"));
    }
    let token = Some(answer.xml("SessionToken"));
    Ok(Client { key: answer.xml("AccessKeyId"), token, ..client.clone() })
}

#[tokio::test]
async fn a_role_leads_into_its_account() {
    let (aws, client) = start().await;
    let arn = aws.with_state(|state| {
        state.region(OTHER, "us-west-2").put_parameter("there", "yes", &[]);
        state.add_role(OTHER, "app-test-EnvManagerRole", ACCOUNT)
    });
    let role = assume(&client, &arn).await.unwrap();
    let identity = role.query("sts", "GetCallerIdentity", &[]).await;
    assert_eq!(
        identity.xml("Arn"),
        format!("arn:aws:sts::{OTHER}:assumed-role/app-test-EnvManagerRole/test")
    );
    let (status, body) = role.json("ssm", "GetParameter", &json!({"Name": "there"})).await;
    assert_eq!((status, body["Parameter"]["Value"].as_str()), (200, Some("yes")));
    assert_eq!(client.json("ssm", "GetParameter", &json!({"Name": "there"})).await.0, 400);
}

#[tokio::test]
async fn refused_unknown_and_untrusting_roles() {
    let (aws, client) = start().await;
    let (trusted, foreign) = aws.with_state(|state| {
        (state.add_role(OTHER, "trusting", ACCOUNT), state.add_role(OTHER, "other", "111122223333"))
    });
    assert!(assume(&client, &trusted).await.is_ok());
    aws.with_state(|state| state.refuse_role(&trusted));
    assert_eq!(assume(&client, &trusted).await.unwrap_err(), "AccessDenied");
    aws.with_state(|state| state.admit_role(&trusted));
    assert!(assume(&client, &trusted).await.is_ok());
    assert_eq!(assume(&client, &foreign).await.unwrap_err(), "AccessDenied");
    assert_eq!(assume(&client, "arn:aws:iam::210987654321:role/nobody").await.unwrap_err(), "AccessDenied");
    assert_eq!(assume(&client, "nonsense").await.unwrap_err(), "ValidationError");
}

#[tokio::test]
async fn sessions_run_out() {
    let (aws, client) = start().await;
    let arn = aws.with_state(|state| state.add_role(ACCOUNT, "r", ACCOUNT));
    let role = assume(&client, &arn).await.unwrap();
    aws.with_state(copilot_local_aws::State::expire_sessions);
    assert_eq!(role.cfn("ListStacks", &[]).await.xml("Code"), "ExpiredToken");
    assert_eq!(
        role.json("ssm", "GetParameter", &json!({"Name": "x"})).await.1["__type"],
        "ExpiredTokenException"
    );
    let wrong = Client { token: Some("other".into()), ..role };
    assert_eq!(wrong.cfn("ListStacks", &[]).await.xml("Code"), "InvalidClientTokenId");
}
