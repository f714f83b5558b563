//! Buckets and objects.

use crate::client::{Client, start};

async fn with_bucket(client: &Client) {
    let location = "<CreateBucketConfiguration><LocationConstraint>us-west-2</LocationConstraint></CreateBucketConfiguration>";
    assert_eq!(client.s3("PUT", "/bkt", "", location.as_bytes()).await.status, 200);
}

const CHUNKED: &str = "Content-Encoding: aws-chunked\r\nX-Amz-Content-Sha256: STREAMING-UNSIGNED-PAYLOAD-TRAILER\r\nX-Amz-Trailer: x-amz-checksum-crc32\r\n";

#[tokio::test]
async fn chunked_uploads_are_unframed_and_their_checksum_checked() {
    let (aws, client) = start().await;
    with_bucket(&client).await;
    let body = |checksum: &str| format!("9\r\n123456789\r\n0\r\nx-amz-checksum-crc32:{checksum}\r\n\r\n");
    let good = client.s3("PUT", "/bkt/a%20key", CHUNKED, body("y/Q5Jg==").as_bytes()).await;
    assert_eq!(good.status, 200, "{}", good.text());
    assert_eq!(aws.object("bkt", "a key").unwrap(), "123456789");
    let got = client.s3("GET", "/bkt/a%20key", "X-Amz-Checksum-Mode: ENABLED\r\n", b"").await;
    assert_eq!(got.text(), "123456789");
    assert_eq!(got.header("x-amz-checksum-crc32"), Some("y/Q5Jg=="));
    assert_eq!(got.header("content-encoding"), None);
    let bad = client.s3("PUT", "/bkt/other", CHUNKED, body("AAAAAA==").as_bytes()).await;
    assert_eq!((bad.status, bad.xml("Code").as_str()), (400, "BadDigest"));
    assert_eq!(aws.object("bkt", "other"), None);
}

#[tokio::test]
async fn checksums_are_kept_and_told_to_those_who_ask() {
    let (_aws, client) = start().await;
    with_bucket(&client).await;
    let ask = async |key: &str| client.s3("HEAD", key, "X-Amz-Checksum-Mode: ENABLED\r\n", b"").await;
    let sum = "FeKw08M4keuw8e9gnsQZQgwg4yDOlMZfvIwzEkSOsiU=";
    let header = format!("X-Amz-Checksum-Sha256: {sum}\r\n");
    assert_eq!(client.s3("PUT", "/bkt/k", &header, b"123456789").await.status, 200);
    let head = ask("/bkt/k").await;
    assert_eq!(head.header("x-amz-checksum-sha256"), Some(sum));
    assert_eq!(head.header("x-amz-checksum-type"), Some("FULL_OBJECT"));
    let silent = client.s3("HEAD", "/bkt/k", "", b"").await;
    assert_eq!((silent.header("x-amz-checksum-sha256"), silent.header("x-amz-checksum-type")), (None, None));
    assert_eq!(client.s3("PUT", "/bkt/k", &header, b"987654321").await.xml("Code"), "BadDigest");

    // Without one, S3 makes its own, which is no SHA-256.
    client.s3("PUT", "/bkt/plain", "", b"123456789").await;
    let head = ask("/bkt/plain").await;
    assert_eq!(head.header("x-amz-checksum-crc64nvme"), Some("rosUhgp5mIg="));
    assert_eq!(head.header("x-amz-checksum-sha256"), None);

    // A copy keeps the algorithm.
    client
        .s3("PUT", "/bkt/copy", "X-Amz-Copy-Source: /bkt/k\r\nX-Amz-Metadata-Directive: REPLACE\r\n", b"")
        .await;
    assert_eq!(ask("/bkt/copy").await.header("x-amz-checksum-sha256"), Some(sum));
}

#[tokio::test]
async fn the_checksum_of_an_object_in_parts_is_that_of_their_checksums() {
    let (_aws, client) = start().await;
    with_bucket(&client).await;
    let sum = "FeKw08M4keuw8e9gnsQZQgwg4yDOlMZfvIwzEkSOsiU=";
    let begun = client.s3("POST", "/bkt/k?uploads", "X-Amz-Checksum-Algorithm: SHA256\r\n", b"").await;
    assert_eq!(begun.header("x-amz-checksum-algorithm"), Some("SHA256"));
    let upload = begun.xml("UploadId");
    let part = format!("/bkt/k?partNumber=1&uploadId={upload}");
    let other = client.s3("PUT", &part, "X-Amz-Checksum-Crc32: y/Q5Jg==\r\n", b"123456789").await;
    assert_eq!((other.status, other.xml("Code").as_str()), (400, "InvalidRequest"));
    let sent = client.s3("PUT", &part, &format!("X-Amz-Checksum-Sha256: {sum}\r\n"), b"123456789").await;
    let etag = sent.header("etag").unwrap().to_owned();
    let end = async |sum: &str| {
        let list = format!(
            "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>{etag}</ETag>{sum}</Part></CompleteMultipartUpload>"
        );
        client.s3("POST", &format!("/bkt/k?uploadId={upload}"), "", list.as_bytes()).await
    };
    assert_eq!(end("").await.xml("Code"), "InvalidRequest");
    assert_eq!(end("<ChecksumSHA256>AA==</ChecksumSHA256>").await.xml("Code"), "InvalidPart");
    let done = end(&format!("<ChecksumSHA256>{sum}</ChecksumSHA256>")).await;
    assert_eq!(done.status, 200, "{}", done.text());
    let composite = "KSsNAHVmgy25S/rmic1w0at3KBH9RLn0nYVQ7p6mpJQ=-1";
    assert_eq!(done.xml("ChecksumSHA256"), composite);
    let head = client.s3("HEAD", "/bkt/k", "X-Amz-Checksum-Mode: ENABLED\r\n", b"").await;
    assert_eq!(head.header("x-amz-checksum-sha256"), Some(composite));
    assert_eq!(head.header("x-amz-checksum-type"), Some("COMPOSITE"));
}

#[tokio::test]
async fn ranges_and_conditions() {
    let (_aws, client) = start().await;
    with_bucket(&client).await;
    client.s3("PUT", "/bkt/k", "", b"0123456789").await;
    let again = client.s3("PUT", "/bkt/k", "If-None-Match: *\r\n", b"x").await;
    assert_eq!((again.status, again.xml("Code").as_str()), (412, "PreconditionFailed"));
    let part = client.s3("GET", "/bkt/k", "Range: bytes=2-4\r\n", b"").await;
    assert_eq!((part.status, part.text().as_str()), (206, "234"));
    let missing = client.s3("GET", "/bkt/none", "", b"").await;
    assert_eq!((missing.status, missing.xml("Code").as_str()), (404, "NoSuchKey"));
    let head = client.s3("HEAD", "/bkt/k", "", b"").await;
    assert_eq!(head.header("content-length"), Some("10"));
}

#[tokio::test]
async fn a_bucket_answers_in_its_region_only() {
    let (_aws, client) = start().await;
    with_bucket(&client).await;
    let elsewhere = Client { region: "eu-west-1".into(), ..client };
    let answer = elsewhere.s3("GET", "/bkt/k", "", b"").await;
    assert_eq!((answer.status, answer.xml("Code").as_str()), (301, "PermanentRedirect"));
    assert_eq!(answer.header("x-amz-bucket-region"), Some("us-west-2"));
}

#[tokio::test]
async fn versions_are_listed_in_pages_and_deleted_for_good() {
    let (aws, client) = start().await;
    with_bucket(&client).await;
    let on = "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>";
    client.s3("PUT", "/bkt?versioning", "", on.as_bytes()).await;
    for body in ["1", "2", "3"] {
        client.s3("PUT", "/bkt/k", "", body.as_bytes()).await;
    }
    client.s3("DELETE", "/bkt/k", "", b"").await;
    assert_eq!(aws.object("bkt", "k"), None);
    let (mut marker, mut seen) = (String::new(), Vec::new());
    loop {
        let page = client.s3("GET", &format!("/bkt?versions&max-keys=2{marker}"), "", b"").await;
        seen.extend(page.all("VersionId"));
        if page.xml("IsTruncated") == "false" {
            break;
        }
        marker = format!(
            "&key-marker={}&version-id-marker={}",
            page.xml("NextKeyMarker"),
            page.xml("NextVersionIdMarker")
        );
    }
    assert_eq!(seen.len(), 4);
    let objects: Vec<String> =
        seen.iter().map(|id| format!("<Object><Key>k</Key><VersionId>{id}</VersionId></Object>")).collect();
    let objects = objects.concat();
    let answer = client.s3("POST", "/bkt?delete", "", format!("<Delete>{objects}</Delete>").as_bytes()).await;
    assert_eq!(answer.all("Deleted").len(), 4);
    assert_eq!(client.s3("DELETE", "/bkt", "", b"").await.status, 204);
}
