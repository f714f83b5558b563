//! Networks: what EC2 looks at in them.

use std::net::IpAddr;

use serde_json::Value as Json;

use crate::core::input::Input;

/// Properties that are an address with a length.
const BLOCKS: [&str; 5] =
    ["CidrBlock", "CidrIp", "CidrIpv6", "DestinationCidrBlock", "DestinationIpv6CidrBlock"];
/// Lists of rules that a security group brings along.
const RULES: [&str; 2] = ["SecurityGroupIngress", "SecurityGroupEgress"];

/// Refuses blocks of addresses that are none.
pub(super) fn check(kind: &str, properties: &Json) -> Result<(), String> {
    if !kind.starts_with("AWS::EC2::") {
        return Ok(());
    }
    let rules = RULES.iter().filter_map(|name| properties.get(name)?.as_array()).flatten();
    let mut blocks =
        rules.chain([properties]).flat_map(|holder| BLOCKS.iter().filter_map(|name| holder.text(name)));
    match blocks.find(|block| !is_block(block)) {
        Some(block) => Err(format!(
            "Resource handler returned message: \"CIDR block {block} is malformed\" (HandlerErrorCode: InvalidRequest)"
        )),
        None => Ok(()),
    }
}

fn is_block(text: &str) -> bool {
    let Some((address, length)) = text.split_once('/') else { return false };
    let most = match address.parse() {
        Ok(IpAddr::V4(_)) => 32,
        Ok(IpAddr::V6(_)) => 128,
        Err(_) => return false,
    };
    length.parse::<u8>().is_ok_and(|length| length <= most)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::check;

    #[test]
    fn only_blocks_of_addresses_pass() {
        for fine in ["10.0.0.0/16", "0.0.0.0/0", "::/0", "2001:db8::/32"] {
            assert_eq!(check("AWS::EC2::VPC", &json!({"CidrBlock": fine})), Ok(()));
        }
        for wrong in ["10.0.0.0/99", "10.0.0.0", "10.0.0/8", "::/129", "", "a/8"] {
            let group = json!({"SecurityGroupIngress": [{"CidrIp": "10.0.0.0/8"}, {"CidrIp": wrong}]});
            let refused = check("AWS::EC2::SecurityGroup", &group).unwrap_err();
            assert!(refused.contains(&format!("CIDR block {wrong} is malformed")), "{refused}");
        }
        assert_eq!(check("AWS::SNS::Topic", &json!({"CidrBlock": "no"})), Ok(()));
    }
}
