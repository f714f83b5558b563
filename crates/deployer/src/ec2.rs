//! The operations of EC2 that are needed.

use aws_config::SdkConfig;
use aws_smithy_xml::decode::{Document, ScopedDecoder, XmlDecodeError, try_data};
use copilot_stack::facts::Subnet;

use crate::error::Error;
use crate::query::{Service, operation};

const EC2: Service = Service { name: "ec2", version: "2016-11-15", global: false };

/// All subnets of the configuration's region that its account can use, its own and those that others share with it. Tags are
/// those that this account sees: of a shared subnet, the ones that it has given it itself.
pub(crate) async fn subnets(config: &SdkConfig) -> Result<Vec<Subnet>, Error> {
    let operation = operation(EC2, config, "DescribeSubnets", page)?;
    let mut found = Vec::new();
    let mut token = None;
    loop {
        let mut members = vec![("MaxResults".to_owned(), "1000".to_owned())];
        members.extend(token.map(|token| ("NextToken".to_owned(), token)));
        let answer = operation.invoke(EC2.form("DescribeSubnets", &members)).await;
        let page: Page = answer.map_err(|error| Error::aws("ec2:DescribeSubnets", &error))?;
        found.extend(page.subnets);
        token = page.next.filter(|token| !token.is_empty());
        if token.is_none() {
            return Ok(found);
        }
    }
}

/// The name under which EC2 lists the addresses from which `CloudFront` asks origins.
const CLOUDFRONT: &str = "com.amazonaws.global.cloudfront.origin-facing";

/// ID of `CloudFront`'s managed prefix list in the configuration's region; `None` if the region has none.
pub(crate) async fn cloudfront_prefix_list(config: &SdkConfig) -> Result<Option<String>, Error> {
    let operation = operation(EC2, config, "DescribeManagedPrefixLists", prefix_lists)?;
    let filter = [("Filter.1.Name", "prefix-list-name"), ("Filter.1.Value.1", CLOUDFRONT)]
        .map(|(name, value)| (name.to_owned(), value.to_owned()));
    let answer = operation.invoke(EC2.form("DescribeManagedPrefixLists", &filter)).await;
    let found = answer.map_err(|error| Error::aws("ec2:DescribeManagedPrefixLists", &error))?;
    Ok(found.into_iter().next())
}

/// One answer.
#[derive(Debug, Default)]
struct Page {
    subnets: Vec<Subnet>,
    next: Option<String>,
}

fn page(text: &str) -> Result<Page, XmlDecodeError> {
    let mut document = Document::new(text);
    let mut root = document.root_element()?;
    let mut page = Page::default();
    while let Some(mut tag) = root.next_tag() {
        match tag.start_el().local() {
            "nextToken" => page.next = Some(try_data(&mut tag)?.into_owned()),
            "subnetSet" => {
                while let Some(mut item) = tag.next_tag() {
                    page.subnets.push(subnet(&mut item)?);
                }
            }
            _ => {}
        }
    }
    Ok(page)
}

fn subnet(item: &mut ScopedDecoder<'_, '_>) -> Result<Subnet, XmlDecodeError> {
    let mut subnet = Subnet::default();
    while let Some(mut tag) = item.next_tag() {
        match tag.start_el().local() {
            "subnetId" => subnet.id = try_data(&mut tag)?.into_owned(),
            "tagSet" => {
                while let Some(mut pair) = tag.next_tag() {
                    let (mut key, mut value) = (String::new(), String::new());
                    while let Some(mut part) = pair.next_tag() {
                        match part.start_el().local() {
                            "key" => key = try_data(&mut part)?.into_owned(),
                            "value" => value = try_data(&mut part)?.into_owned(),
                            _ => {}
                        }
                    }
                    subnet.tags.insert(key, value);
                }
            }
            _ => {}
        }
    }
    Ok(subnet)
}

/// IDs of the lists in an answer.
fn prefix_lists(text: &str) -> Result<Vec<String>, XmlDecodeError> {
    let mut document = Document::new(text);
    let mut root = document.root_element()?;
    let mut found = Vec::new();
    while let Some(mut set) = root.next_tag() {
        if set.start_el().local() != "prefixListSet" {
            continue;
        }
        while let Some(mut item) = set.next_tag() {
            while let Some(mut part) = item.next_tag() {
                if part.start_el().local() == "prefixListId" {
                    found.push(try_data(&mut part)?.into_owned());
                }
            }
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::{page, prefix_lists};

    #[test]
    fn answers_are_read() {
        let text = "<?xml version=\"1.0\"?><DescribeSubnetsResponse xmlns=\"http://ec2.amazonaws.com/doc/2016-11-15/\">\
            <requestId>r</requestId><subnetSet><item><subnetId>subnet-1</subnetId><ownerId>1</ownerId><tagSet>\
            <item><key>tier</key><value>a &amp; b</value></item><item><key>empty</key><value/></item></tagSet></item>\
            <item><subnetId>subnet-2</subnetId></item></subnetSet><nextToken>t/1=</nextToken></DescribeSubnetsResponse>";
        let found = page(text).unwrap();
        let ids: Vec<&str> = found.subnets.iter().map(|subnet| subnet.id.as_str()).collect();
        assert_eq!(ids, ["subnet-1", "subnet-2"]);
        assert_eq!(found.subnets[0].tags["tier"], "a & b");
        assert_eq!(found.subnets[0].tags["empty"], "");
        assert!(found.subnets[1].tags.is_empty());
        assert_eq!(found.next.as_deref(), Some("t/1="));
        let lists = "<DescribeManagedPrefixListsResponse><requestId>r</requestId><prefixListSet><item>\
            <prefixListId>pl-1</prefixListId><prefixListName>n</prefixListName></item></prefixListSet>\
            </DescribeManagedPrefixListsResponse>";
        assert_eq!(prefix_lists(lists).unwrap(), ["pl-1"]);
    }
}
