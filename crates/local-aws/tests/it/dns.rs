//! Route 53, and certificates that are proven by records there.

use serde_json::json;

use crate::client::{Answer, Client, start};

async fn ask(client: &Client, method: &str, path: &str, body: &str) -> Answer {
    let path = format!("/2013-04-01/{path}");
    client.raw(method, &path, &client.signature("route53"), body.as_bytes()).await.unwrap()
}

async fn zone(client: &Client, name: &str) -> String {
    let body = format!(
        "<CreateHostedZoneRequest><Name>{name}</Name><CallerReference>{name}</CallerReference></CreateHostedZoneRequest>"
    );
    let answer = ask(client, "POST", "hostedzone", &body).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    answer.xml("Id").trim_start_matches("/hostedzone/").to_owned()
}

async fn change(client: &Client, zone: &str, action: &str, record: &str) -> Answer {
    let body = format!(
        "<ChangeResourceRecordSetsRequest><ChangeBatch><Changes><Change><Action>{action}</Action>\
         <ResourceRecordSet>{record}</ResourceRecordSet></Change></Changes></ChangeBatch></ChangeResourceRecordSetsRequest>"
    );
    ask(client, "POST", &format!("hostedzone/{zone}/rrset/"), &body).await
}

fn record(name: &str, kind: &str, values: &[&str]) -> String {
    let value = |value: &&str| format!("<ResourceRecord><Value>{value}</Value></ResourceRecord>");
    let values = values.iter().map(value).collect::<Vec<_>>().concat();
    format!("<Name>{name}</Name><Type>{kind}</Type><TTL>60</TTL><ResourceRecords>{values}</ResourceRecords>")
}

#[tokio::test]
async fn zones_are_found_by_name_in_the_order_of_their_labels() {
    let (_aws, client) = start().await;
    for name in ["shop.example.com", "Example.com", "example.net", "test.shop.example.com."] {
        zone(&client, name).await;
    }
    let all = ask(&client, "GET", "hostedzonesbyname", "").await;
    assert_eq!(
        all.all("Name"),
        ["example.com.", "shop.example.com.", "test.shop.example.com.", "example.net."]
    );
    let from = ask(&client, "GET", "hostedzonesbyname?dnsname=shop.example.com&maxitems=1", "").await;
    assert_eq!(from.all("Name"), ["shop.example.com."]);
    assert_eq!(
        (from.xml("IsTruncated").as_str(), from.xml("NextDNSName").as_str()),
        ("true", "test.shop.example.com.")
    );
    let other = Client { key: "210987654321".into(), ..client.clone() };
    assert!(ask(&other, "GET", "hostedzone", "").await.all("Name").is_empty());
    let twice = "<CreateHostedZoneRequest><Name>b.com</Name><CallerReference>example.net</CallerReference></CreateHostedZoneRequest>";
    assert_eq!(ask(&client, "POST", "hostedzone", twice).await.status, 409);
}

#[tokio::test]
async fn records_are_changed_as_a_whole_or_not_at_all() {
    let (_aws, client) = start().await;
    let id = zone(&client, "example.com").await;
    let api = record("API.example.com", "A", &["192.0.2.1", "192.0.2.2"]);
    let answer = change(&client, &id, "UPSERT", &api).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let known = answer.xml("Id");
    assert_eq!(ask(&client, "GET", known.trim_start_matches('/'), "").await.xml("Status"), "INSYNC");
    let path = format!("hostedzone/{id}/rrset?name=api.example.com&type=A&maxitems=1");
    let listed = ask(&client, "GET", &path, "").await;
    assert_eq!(listed.xml("Name"), "api.example.com.");
    assert_eq!(listed.all("Value"), ["192.0.2.1", "192.0.2.2"]);

    let again = change(&client, &id, "CREATE", &api).await;
    assert!(again.text().contains("but it already exists"), "{}", again.text());
    let other = change(&client, &id, "DELETE", &record("api.example.com", "A", &["192.0.2.1"])).await;
    assert!(other.text().contains("but the values provided do not match the current values"));
    let outside = change(&client, &id, "UPSERT", &record("example.net", "A", &["192.0.2.1"])).await;
    assert!(outside.text().contains("is not permitted in zone example.com."), "{}", outside.text());
    let full = ask(&client, "DELETE", &format!("hostedzone/{id}"), "").await;
    assert_eq!(full.xml("Code"), "HostedZoneNotEmpty");
    let swapped = record("api.example.com.", "A", &["192.0.2.2", "192.0.2.1"]);
    assert_eq!(change(&client, &id, "DELETE", &swapped).await.status, 200);
    let gone = change(&client, &id, "DELETE", &swapped).await;
    assert!(gone.text().contains("type='A'] but it was not found"), "{}", gone.text());
    assert_eq!(ask(&client, "DELETE", &format!("hostedzone/{id}"), "").await.status, 200);
    assert_eq!(ask(&client, "GET", &format!("hostedzone/{id}"), "").await.xml("Code"), "NoSuchHostedZone");
}

#[tokio::test]
async fn certificates_are_issued_when_their_names_are_proven() {
    let (_aws, client) = start().await;
    let id = zone(&client, "example.com").await;
    let wanted = json!({
        "DomainName": "example.com", "SubjectAlternativeNames": ["*.example.com", "www.example.com"],
        "ValidationMethod": "DNS", "IdempotencyToken": "once",
    });
    let (_, made) = client.json("acm", "RequestCertificate", &wanted).await;
    assert_eq!(client.json("acm", "RequestCertificate", &wanted).await.1, made, "the same request");
    for proven in 0..3 {
        let (_, found) = client.json("acm", "DescribeCertificate", &made).await;
        let options = found["Certificate"]["DomainValidationOptions"].as_array().unwrap().clone();
        // A wildcard is proven along with the name behind it.
        assert_eq!(options[0]["ResourceRecord"], options[1]["ResourceRecord"]);
        let expected = if proven == 2 { "ISSUED" } else { "PENDING_VALIDATION" };
        assert_eq!(found["Certificate"]["Status"], expected, "{proven}");
        let text = |key: &str| options[proven.min(1) + 1]["ResourceRecord"][key].as_str().unwrap().to_owned();
        let value = record(&text("Name"), "CNAME", &[&text("Value")]);
        assert_eq!(change(&client, &id, "UPSERT", &value).await.status, 200);
    }
}

#[tokio::test]
async fn stacks_make_zones_and_records() {
    let (_aws, client) = start().await;
    let template = r#"
Resources:
  Zone: {Type: AWS::Route53::HostedZone, Properties: {Name: example.com}}
  One:
    Type: AWS::Route53::RecordSet
    Properties: {HostedZoneId: !Ref Zone, Name: one.example.com, Type: CNAME, TTL: "60", ResourceRecords: [two.example.com]}
  Group:
    Type: AWS::Route53::RecordSetGroup
    Properties:
      HostedZoneId: !Ref Zone
      RecordSets:
        - Name: web.example.com
          Type: A
          AliasTarget: {HostedZoneId: Z1, DNSName: lb.example.net}
Outputs:
  Zone: {Value: !Ref Zone}
"#;
    client.cfn("CreateStack", &[("StackName", "dns"), ("TemplateBody", template)]).await;
    assert_eq!(client.settle("dns").await, "CREATE_COMPLETE", "{}", client.events("dns").await);
    let id = client.cfn("DescribeStacks", &[("StackName", "dns")]).await.xml("OutputValue");
    let listed = ask(&client, "GET", &format!("hostedzone/{id}/rrset"), "").await;
    assert_eq!(listed.all("Name"), ["example.com.", "example.com.", "one.example.com.", "web.example.com."]);
    assert_eq!(listed.xml("DNSName"), "lb.example.net.");
    client.cfn("DeleteStack", &[("StackName", "dns")]).await;
    client.settle("dns").await;
    assert!(ask(&client, "GET", "hostedzone", "").await.all("Name").is_empty());
}
