//! Pushing and pulling as a container engine does.

use serde_json::{Value, json};

use crate::client::{Answer, Client, start};

struct Engine {
    client: Client,
    login: String,
}

impl Engine {
    async fn new(client: &Client) -> Self {
        let (_, token) = client.json("ecr", "GetAuthorizationToken", &json!({})).await;
        let token = token["authorizationData"][0]["authorizationToken"].as_str().unwrap();
        Self { client: client.clone(), login: format!("Authorization: Basic {token}\r\n") }
    }

    async fn ask(&self, method: &str, path: &str, headers: &str, body: &[u8]) -> Answer {
        self.client.raw(method, path, &format!("{}{headers}", self.login), body).await.unwrap()
    }

    async fn push_blob(&self, repository: &str, digest: &str, pieces: &[&str]) -> u16 {
        let begun = self.ask("POST", &format!("/v2/{repository}/blobs/uploads/"), "", b"").await;
        let Some(place) = begun.header("location").map(str::to_owned) else { return begun.status };
        for piece in pieces {
            assert_eq!(self.ask("PATCH", &place, "", piece.as_bytes()).await.status, 202);
        }
        self.ask("PUT", &format!("{place}?digest={digest}"), "", b"").await.status
    }
}

// Digests of `{}` and of `hello world`.
const CONFIG: &str = "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a";
const LAYER: &str = "sha256:b94d27b9934d3e08a52e52d7da7dabfac484efe37a5380ee9088f7ace2efcde9";
const MEDIA: &str = "Content-Type: application/vnd.oci.image.manifest.v1+json\r\n";

fn manifest() -> Value {
    json!({"schemaVersion": 2, "config": {"digest": CONFIG, "size": 2}, "layers": [{"digest": LAYER, "size": 11}]})
}

#[tokio::test]
async fn an_image_is_pushed_in_pieces_and_pulled() {
    let (aws, client) = start().await;
    client.json("ecr", "CreateRepository", &json!({"repositoryName": "app/api"})).await;
    let engine = Engine::new(&client).await;
    let body = manifest().to_string();
    let early = engine.ask("PUT", "/v2/app/api/manifests/v1", MEDIA, body.as_bytes()).await;
    assert_eq!(early.status, 404, "the layers are missing: {}", early.text());
    assert_eq!(engine.push_blob("app/api", CONFIG, &["{}"]).await, 201);
    assert_eq!(engine.push_blob("app/api", LAYER, &["hello ", "world"]).await, 201);
    assert_eq!(engine.push_blob("app/api", LAYER, &["something else"]).await, 400);
    let pushed = engine.ask("PUT", "/v2/app/api/manifests/v1", MEDIA, body.as_bytes()).await;
    assert_eq!(pushed.status, 201, "{}", pushed.text());
    let digest = pushed.header("docker-content-digest").unwrap().to_owned();
    let pulled = engine.ask("GET", &format!("/v2/app/api/manifests/{digest}"), "", b"").await;
    assert_eq!(pulled.text(), body);
    assert_eq!(engine.ask("GET", &format!("/v2/app/api/blobs/{LAYER}"), "", b"").await.text(), "hello world");
    let (_, described) = client.json("ecr", "DescribeImages", &json!({"repositoryName": "app/api"})).await;
    assert_eq!(described["imageDetails"][0]["imageDigest"], json!(digest));
    assert_eq!(described["imageDetails"][0]["imageSizeInBytes"], json!(13));
    aws.with_state(|state| {
        let tags = state.region("123456789012", "us-west-2").image_tags("app/api");
        assert_eq!(tags.into_iter().collect::<Vec<_>>(), [("v1".to_owned(), digest)]);
    });
}

#[tokio::test]
async fn who_may_push_and_where_to() {
    let (_aws, client) = start().await;
    let nobody = client.raw("GET", "/v2/", "", b"").await.unwrap();
    assert_eq!(nobody.status, 401);
    assert!(nobody.header("www-authenticate").unwrap().starts_with("Basic realm="));
    let engine = Engine::new(&client).await;
    assert_eq!(engine.ask("GET", "/v2/", "", b"").await.status, 200);
    assert_eq!(engine.push_blob("app/none", LAYER, &["hello world"]).await, 404);
}

#[tokio::test]
async fn tags_of_an_immutable_repository_stay() {
    let (_aws, client) = start().await;
    let input = json!({"repositoryName": "app/api", "imageTagMutability": "IMMUTABLE"});
    client.json("ecr", "CreateRepository", &input).await;
    let engine = Engine::new(&client).await;
    engine.push_blob("app/api", CONFIG, &["{}"]).await;
    engine.push_blob("app/api", LAYER, &["hello world"]).await;
    let first = manifest().to_string();
    assert_eq!(engine.ask("PUT", "/v2/app/api/manifests/v1", MEDIA, first.as_bytes()).await.status, 201);
    assert_eq!(engine.ask("PUT", "/v2/app/api/manifests/v1", MEDIA, first.as_bytes()).await.status, 201);
    let mut other = manifest();
    other["annotations"] = json!({"other": "image"});
    let refused = engine.ask("PUT", "/v2/app/api/manifests/v1", MEDIA, other.to_string().as_bytes()).await;
    assert_eq!(refused.status, 400, "{}", refused.text());
    assert!(refused.text().contains("TAG_INVALID"));
}
