//! S3 and ECR as the SDK speaks to them, over loopback.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use aws_sdk_s3::config::{BehaviorVersion, Credentials, Region, SharedCredentialsProvider};
use aws_types::SdkConfig;
use copilot_artifact::assets::Bucket;
use copilot_artifact::aws::{EcrRegistry, S3Store};
use copilot_artifact::{
    Backends, Body, Error, ImageSink, ObjectRequest, Plan, Registry, Report, execute, keys, s3_checksum,
    sha256_hex,
};

use crate::support::http::{Answer, Request, Server};
use crate::support::options;

fn config(url: &str) -> SdkConfig {
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-west-2"))
        .endpoint_url(url)
        .credentials_provider(SharedCredentialsProvider::new(Credentials::new(
            "id", "key", None, None, "test",
        )))
        .build()
}

fn bucket() -> Bucket {
    Bucket { region: "us-west-2".into(), name: "artifacts".into() }
}

fn template() -> ObjectRequest {
    bucket().text("Resources: {}\n", "addons template of api", |hash| keys::addons_template("api", hash))
}

async fn upload(server: &Server, object: ObjectRequest) -> Result<Report, Error> {
    let dir = tempfile::tempdir().unwrap();
    let mut options = options(dir.path());
    options.part_size = 5 * 1024 * 1024;
    let mut plan = Plan::new();
    plan.object(object);
    let store = Arc::new(S3Store::new(&config(&server.url)));
    let backends = Backends { images: ImageSink::Nowhere, objects: Some(store) };
    execute(&plan, &backends, &options).await.map_err(|failure| failure.error)
}

fn refused(status: u16, code: &str, message: &str) -> Answer {
    Answer::new(status, format!("<Error><Code>{code}</Code><Message>{message}</Message></Error>"))
}

/// Nothing is there; the n-th write is answered by `write`.
async fn bucket_that(write: impl Fn(usize, &Request) -> Answer + Send + Sync + 'static) -> Server {
    let writes = AtomicUsize::new(0);
    Server::start(move |request| match request.method.as_str() {
        "HEAD" => Answer::new(404, ""),
        _ => write(writes.fetch_add(1, Ordering::SeqCst), request),
    })
    .await
}

#[tokio::test]
async fn an_object_goes_out_with_the_headers_that_the_bucket_accepts() {
    let server = bucket_that(|_, _| Answer::new(200, "")).await;
    upload(&server, template()).await.unwrap();
    let requests = server.requests.lock().unwrap().clone();
    let [head, put] = requests.as_slice() else { panic!("{requests:?}") };
    assert_eq!((head.method.as_str(), head.headers["x-amz-checksum-mode"].as_str()), ("HEAD", "ENABLED"));
    assert_eq!(put.headers["x-amz-checksum-sha256"], s3_checksum(&sha256_hex("Resources: {}\n")));
    assert!(!put.headers.contains_key("x-amz-trailer"));
    let hash = sha256_hex("Resources: {}\n");
    assert!(put.path.starts_with(&format!("/artifacts/manual/addons/api/{hash}.yml")), "{}", put.path);
    assert_eq!(put.headers["x-amz-acl"], "bucket-owner-full-control");
    assert_eq!(put.headers["content-type"], "text/x-yaml; charset=utf-8");
    assert!(!put.headers.keys().any(|name| name.starts_with("x-amz-server-side")));
    assert!(String::from_utf8_lossy(&put.body).contains("Resources: {}"));
}

#[tokio::test]
async fn an_object_that_is_there_is_left_alone() {
    let server = Server::start(|request| match request.method.as_str() {
        "HEAD" => Answer::new(200, "")
            .header("Content-Length", "14")
            .header("x-amz-checksum-sha256", s3_checksum(&sha256_hex("Resources: {}\n")))
            .header("Last-Modified", "Wed, 21 Oct 2015 07:28:00 GMT"),
        _ => Answer::new(200, ""),
    })
    .await;
    assert_eq!(upload(&server, template()).await.unwrap().uploads(), 0);
    assert_eq!(server.calls("PUT"), 0);
    let expiring = bucket().bytes("Resources: {}\n", "index.html", keys::static_asset);
    assert_eq!(upload(&server, expiring).await.unwrap().uploads(), 1, "it would be gone soon");
}

#[tokio::test]
async fn a_busy_store_and_a_broken_connection_are_tried_again() {
    let server = bucket_that(|nth, _| match nth {
        0 => refused(503, "SlowDown", "Please reduce your request rate."),
        1 => Answer::default(),
        _ => Answer::new(200, ""),
    })
    .await;
    assert_eq!(upload(&server, template()).await.unwrap().uploads(), 1);
    assert_eq!(server.calls("PUT"), 3);
}

#[tokio::test]
async fn what_s3_refuses_is_told_with_the_cause() {
    let cases = [
        (refused(503, "SlowDown", "Please reduce your request rate."), 3),
        (refused(403, "AccessDenied", "User is not authorized to perform: s3:PutObject"), 1),
        (refused(400, "ExpiredToken", "The provided token has expired."), 1),
        (refused(404, "NoSuchBucket", "The specified bucket does not exist"), 1),
        (Answer::default(), 3),
    ];
    let mut told = Vec::new();
    for (answer, attempts) in cases {
        let server = bucket_that(move |_, _| answer.clone()).await;
        let error = upload(&server, template()).await.unwrap_err();
        assert_eq!(server.calls("PUT"), attempts, "{error}");
        told.push(format!("{error}\nhelp: {}\n", error.help().unwrap()));
    }
    insta::assert_snapshot!(told.join("\n"));
}

#[tokio::test]
async fn missing_credentials_are_no_broken_connection() {
    let server = bucket_that(|_, _| Answer::new(200, "")).await;
    let config = config(&server.url)
        .into_builder()
        .credentials_provider(SharedCredentialsProvider::new(NoCredentials))
        .build();
    let dir = tempfile::tempdir().unwrap();
    let mut plan = Plan::new();
    plan.object(template());
    let backends = Backends::local(S3Store::new(&config));
    let failure = execute(&plan, &backends, &options(dir.path())).await.unwrap_err();
    let Error::Store(error) = failure.error else { panic!("{failure}") };
    assert_eq!(error.kind, copilot_artifact::StoreErrorKind::Expired, "{error}");
}

/// A provider whose session has ended.
#[derive(Debug)]
struct NoCredentials;

impl aws_sdk_s3::config::ProvideCredentials for NoCredentials {
    fn provide_credentials<'a>(&'a self) -> aws_credential_types::provider::future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        let error = aws_credential_types::provider::error::CredentialsError::not_loaded("sign in first");
        aws_credential_types::provider::future::ProvideCredentials::ready(Err(error))
    }
}

#[tokio::test]
async fn a_large_file_goes_in_parts() {
    let server = bucket_that(|_, request| {
        let path = request.path.as_str();
        match request.method.as_str() {
            "POST" if path.contains("uploads") => Answer::new(
                200,
                "<InitiateMultipartUploadResult><UploadId>u-1</UploadId></InitiateMultipartUploadResult>",
            ),
            "POST" => Answer::new(
                200,
                "<CompleteMultipartUploadResult><ETag>x</ETag></CompleteMultipartUploadResult>",
            ),
            _ => Answer::new(200, "").header("ETag", "\"part\""),
        }
    })
    .await;
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("large.zip");
    let bytes = vec![7; 12 * 1024 * 1024];
    std::fs::write(&path, &bytes).unwrap();
    let sha256 = sha256_hex(&bytes);
    let at = bucket().at(keys::addons_asset("api", &sha256));
    let body = Body::File { path, sha256, size: bytes.len() as u64 };
    let report = upload(&server, ObjectRequest::new(at, body, "large")).await.unwrap();
    assert_eq!(report.objects[0].bytes, Some(12 * 1024 * 1024));
    assert_eq!((server.calls("PUT"), server.calls("POST")), (3, 2));
    let requests = server.requests.lock().unwrap();
    let last = requests.iter().rfind(|r| r.method == "POST").unwrap();
    let parts = String::from_utf8_lossy(&last.body);
    assert_eq!(parts.matches("<PartNumber>").count(), 3, "{parts}");
    assert_eq!(parts.matches("<ChecksumSHA256>").count(), 3, "{parts}");
    let first = requests.iter().find(|r| r.method == "POST").unwrap();
    assert_eq!(first.headers["x-amz-checksum-algorithm"], "SHA256");
}

const REPOSITORY: &str = "123456789012.dkr.ecr.us-west-2.amazonaws.com/app/api";

fn operation(request: &Request) -> &str {
    request.headers["x-amz-target"].rsplit('.').next().unwrap()
}

fn fault(code: &str) -> Answer {
    Answer::new(400, format!(r#"{{"__type":"{code}","message":"said ECR"}}"#))
}

async fn ecr(handler: impl Fn(&Request) -> Answer + Send + Sync + 'static) -> (Server, EcrRegistry) {
    let server = Server::start(handler).await;
    let registry = EcrRegistry::new(&config(&server.url));
    (server, registry)
}

#[tokio::test]
async fn a_token_is_decoded() {
    // `AWS:pass:word`
    let answer = r#"{"authorizationData":[{"authorizationToken":"QVdTOnBhc3M6d29yZA=="}]}"#;
    let (_server, registry) = ecr(move |_| Answer::new(200, answer)).await;
    let host = copilot_artifact::registry_host(REPOSITORY);
    let credentials = registry.credentials(host).await.unwrap().unwrap();
    assert_eq!((credentials.user.as_str(), credentials.password.as_str()), ("AWS", "pass:word"));
    let (_server, registry) = ecr(|_| Answer::new(200, r#"{"authorizationData":[]}"#)).await;
    assert!(matches!(registry.credentials(host).await, Err(Error::LoginRefused { .. })));
}

#[tokio::test]
async fn an_image_is_found_by_its_tag_in_its_account() {
    let digest = format!("sha256:{}", "a".repeat(64));
    let body = format!(
        r#"{{"imageDetails":[{{"imageDigest":"{digest}","imageTags":["cp-1","latest"],"imagePushedAt":1.7e9}}]}}"#
    );
    let (server, registry) = ecr(move |_| Answer::new(200, body.clone())).await;
    let image = registry.find(REPOSITORY, "cp-1").await.unwrap().unwrap();
    assert_eq!(image.digest, digest);
    assert_eq!(image.tags, ["cp-1", "latest"]);
    assert!(image.pushed.is_some());
    let asked: serde_json::Value = serde_json::from_slice(&server.requests.lock().unwrap()[0].body).unwrap();
    assert_eq!(asked["registryId"], "123456789012");
    assert_eq!(asked["repositoryName"], "app/api");
    assert_eq!(asked["imageIds"][0]["imageTag"], "cp-1");
}

#[tokio::test]
async fn what_ecr_refuses_is_told_apart() {
    let find = async |code: &'static str| {
        let (_server, registry) = ecr(move |_| fault(code)).await;
        registry.find(REPOSITORY, "cp-1").await
    };
    assert_eq!(find("ImageNotFoundException").await.unwrap(), None);
    let missing = find("RepositoryNotFoundException").await.unwrap_err();
    assert!(matches!(missing, Error::RepositoryMissing { repository } if repository == REPOSITORY));
    assert!(matches!(find("AccessDeniedException").await, Err(Error::RegistryRefused { .. })));
    assert!(matches!(find("ExpiredTokenException").await, Err(Error::TokenExpired { .. })));
}

#[tokio::test]
async fn a_tag_is_set_by_writing_the_manifest_again() {
    let digest = format!("sha256:{}", "a".repeat(64));
    let (server, registry) = ecr(|request| match operation(request) {
        "BatchGetImage" => Answer::new(
            200,
            r#"{"images":[{"imageManifest":"{manifest}","imageManifestMediaType":"m/t"}],"failures":[]}"#,
        ),
        _ => Answer::new(200, "{}"),
    })
    .await;
    registry.tag(REPOSITORY, &digest, "latest").await.unwrap();
    let put: serde_json::Value = serde_json::from_slice(&server.requests.lock().unwrap()[1].body).unwrap();
    assert_eq!(put["imageManifest"], "{manifest}");
    assert_eq!(put["imageManifestMediaType"], "m/t");
    assert_eq!(put["imageTag"], "latest");
    assert_eq!(put["imageDigest"], digest);
    for (code, good) in [("ImageAlreadyExistsException", true), ("ImageTagAlreadyExistsException", false)] {
        let (_server, registry) = ecr(move |request| match operation(request) {
            "BatchGetImage" => Answer::new(200, r#"{"images":[{"imageManifest":"m"}],"failures":[]}"#),
            _ => fault(code),
        })
        .await;
        let result = registry.tag(REPOSITORY, &digest, "latest").await;
        assert_eq!(result.is_ok(), good);
        assert!(good || matches!(result, Err(Error::TagImmutable { .. })));
    }
}
