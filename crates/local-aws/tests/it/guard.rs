//! Who is answered at all, and with which key.

use copilot_local_aws::{LocalAws, Options};
use serde_json::json;

use crate::client::{ACCOUNT, Client, options, start};

const KEY: &str = "LOCALKEY";

async fn guarded() -> (LocalAws, Client) {
    let aws = LocalAws::start(Options { access_key: Some(KEY.into()), ..options() }).await.unwrap();
    let client = Client { key: KEY.into(), ..Client::new(aws.endpoint()) };
    (aws, client)
}

#[tokio::test]
async fn web_pages_are_not_answered() {
    let (aws, client) = start().await;
    let signed = client.signature("ssm");
    let input = json!({"Name": "a", "Value": "x", "Type": "String"}).to_string();
    let own = format!("Host: {}\r\n", client.host);
    for (headers, why) in [
        (String::new(), "no Host"),
        ("Host: evil.example\r\n".to_owned(), "neither an address"),
        ("Host: 127.0.0.1.evil.example:80\r\n".to_owned(), "neither an address"),
        (format!("{own}Origin: https://evil.example\r\n"), "web page"),
        (format!("{own}Origin: null\r\n"), "web page"),
        (format!("{own}Sec-Fetch-Site: cross-site\r\n"), "web page"),
    ] {
        let headers = format!("{headers}{signed}X-Amz-Target: Service.PutParameter\r\n");
        let answer = client.bare("POST", "/", &headers, input.as_bytes()).await.unwrap();
        assert_eq!(answer.status, 403, "{headers}");
        assert!(answer.text().contains(why), "{headers}{}", answer.text());
        for (method, path) in [("GET", "/_local/calls"), ("GET", "/v2/"), ("OPTIONS", "/bucket/key")] {
            assert_eq!(
                client.bare(method, path, &headers, b"").await.unwrap().status,
                403,
                "{path} {headers}"
            );
        }
    }
    assert_eq!(aws.calls().total(), 0);
    for host in ["localhost:80", "bucket.s3.us-west-2.amazonaws.com", "[::1]:80"] {
        let headers = format!("Host: {host}\r\nSec-Fetch-Site: none\r\n");
        assert_eq!(client.bare("GET", "/_local/health", &headers, b"").await.unwrap().status, 200, "{host}");
    }
}

#[tokio::test]
async fn each_protocol_refuses_another_key() {
    let (aws, client) = guarded().await;
    let stranger = Client { key: "test".into(), ..client.clone() };
    let account = Client { key: ACCOUNT.into(), ..client.clone() };
    for other in [&stranger, &account] {
        let (status, answer) = other.json("ssm", "GetParameter", &json!({"Name": "a"})).await;
        assert_eq!(
            (status, answer["__type"].as_str()),
            (400, Some("UnrecognizedClientException")),
            "{answer}"
        );
        let answer = other.cfn("ListStacks", &[]).await;
        assert_eq!((answer.status, answer.xml("Code").as_str()), (403, "InvalidClientTokenId"));
        let answer = other.s3("GET", "/bucket/key", "", b"").await;
        assert_eq!((answer.status, answer.xml("Code").as_str()), (403, "InvalidAccessKeyId"));
    }
    let presigned = |key: &str| {
        format!("/bucket/key?X-Amz-Credential={key}/20261123/us-west-2/s3/aws4_request&X-Amz-Signature=0")
    };
    assert_eq!(client.raw("GET", &presigned("test"), "", b"").await.unwrap().status, 403);
    assert_eq!(client.raw("GET", "/bucket/key", "", b"").await.unwrap().status, 403, "unsigned");
    assert_eq!(aws.calls().total(), 0);

    assert_eq!(client.raw("GET", &presigned(KEY), "", b"").await.unwrap().status, 404);
    assert_eq!(client.cfn("ListStacks", &[]).await.status, 200);
}

#[tokio::test]
async fn keys_of_roles_are_good_with_their_token_only() {
    let (aws, client) = guarded().await;
    let role = aws.with_state(|state| state.add_role(ACCOUNT, "deployer", ACCOUNT));
    let answer = client.query("sts", "AssumeRole", &[("RoleArn", &role), ("RoleSessionName", "me")]).await;
    let session =
        Client { key: answer.xml("AccessKeyId"), token: Some(answer.xml("SessionToken")), ..client.clone() };
    assert_eq!(session.cfn("ListStacks", &[]).await.status, 200);
    // The names that a server makes up follow from its seed: somebody else can make up the same, but not the token.
    let (twin, other) = start().await;
    let role = twin.with_state(|state| state.add_role(ACCOUNT, "deployer", ACCOUNT));
    let answer = other.query("sts", "AssumeRole", &[("RoleArn", &role), ("RoleSessionName", "me")]).await;
    assert_eq!(answer.xml("AccessKeyId"), session.key);
    let guessed = Client { token: Some(answer.xml("SessionToken")), ..session.clone() };
    assert_eq!(guessed.cfn("ListStacks", &[]).await.status, 403);
    let bare = Client { token: None, ..session };
    assert_eq!(bare.cfn("ListStacks", &[]).await.status, 403);
}

#[tokio::test]
async fn the_registry_and_what_tests_arrange_need_the_key() {
    let (_aws, client) = guarded().await;
    let login = |password: &str| {
        use base64::Engine as _;
        let text = base64::engine::general_purpose::STANDARD.encode(format!("AWS:{password}"));
        format!("Authorization: Basic {text}\r\n")
    };
    let made_up = login(&format!("local.{ACCOUNT}.us-west-2.{}", "0".repeat(32)));
    assert_eq!(client.raw("GET", "/v2/", &made_up, b"").await.unwrap().status, 401);
    let (_, token) = client.json("ecr", "GetAuthorizationToken", &json!({})).await;
    let given = token["authorizationData"][0]["authorizationToken"].as_str().unwrap().to_owned();
    let given = format!("Authorization: Basic {given}\r\n");
    assert_eq!(client.raw("GET", "/v2/", &given, b"").await.unwrap().status, 200);

    assert_eq!(client.raw("GET", "/_local/calls", "", b"").await.unwrap().status, 403);
    let wrong = "Authorization: Bearer test\r\n";
    assert_eq!(client.raw("POST", "/_local/tick", wrong, b"").await.unwrap().status, 403);
    let right = format!("Authorization: Bearer {KEY}\r\n");
    assert_eq!(client.raw("GET", "/_local/calls", &right, b"").await.unwrap().status, 200);
}
