//! CloudFormation's limits on a template.
//!
//! Sources: the user guide's "Understand CloudFormation quotas", and for the size in S3 ("1 MB" there) the service's own
//! refusal, "Template may not exceed 1000000 bytes in size".

use std::fmt;

use crate::write::to_yaml;
use crate::{Section, Value};

/// Most bytes of a template that is part of a request.
pub const INLINE_BYTES: usize = 51_200;
/// Most bytes of a template that CloudFormation fetches from S3.
pub const S3_BYTES: usize = 1_000_000;
/// Most bytes of a description.
pub const DESCRIPTION_BYTES: usize = 1_024;
/// Most names in a section.
pub const COUNTS: [(Section, usize); 4] = [
    (Section::Parameters, 200),
    (Section::Mappings, 200),
    (Section::Resources, 500),
    (Section::Outputs, 200),
];

/// How many of the biggest parts are named.
const NAMED: usize = 5;

/// How a template has to be given to CloudFormation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delivery {
    /// As part of the request.
    Inline,
    /// As an object in S3, because it has more than [`INLINE_BYTES`].
    S3,
}

/// A template that CloudFormation would refuse for a limit.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Exceeded {
    /// The text is too long.
    #[error(
        "the template has {size} bytes, of which CloudFormation takes {S3_BYTES}; the biggest parts are {}",
        Shares(biggest)
    )]
    Size {
        /// The template's bytes.
        size: usize,
        /// Its biggest resources and other named things, the biggest first.
        biggest: Vec<Share>,
    },
    /// A section has too many names.
    #[error("the template has {count} {}, of which CloudFormation takes {limit}", section.as_str().to_lowercase())]
    Count {
        /// The section.
        section: Section,
        /// How many names it has.
        count: usize,
        /// How many it may have.
        limit: usize,
    },
    /// The description is too long.
    #[error("the template's description has {size} bytes, of which CloudFormation takes {DESCRIPTION_BYTES}")]
    Description {
        /// The description's bytes.
        size: usize,
    },
}

/// How much of a template a named thing takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Share {
    /// The section.
    pub section: Section,
    /// The logical ID or other name.
    pub name: String,
    /// Its bytes, written as YAML.
    pub bytes: usize,
}

struct Shares<'a>(&'a [Share]);

impl fmt::Display for Shares<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, share) in self.0.iter().enumerate() {
            let separator = if place == 0 { "" } else { ", " };
            write!(out, "{separator}`{}/{}` ({} bytes)", share.section, share.name, share.bytes)?;
        }
        Ok(())
    }
}

/// Checks a template together with the text that is to be sent, and says how to send it.
///
/// # Errors
/// Every limit that is exceeded.
pub fn check(template: &Value, text: &str) -> Result<Delivery, Vec<Exceeded>> {
    let mut exceeded = Vec::new();
    if text.len() > S3_BYTES {
        exceeded.push(Exceeded::Size { size: text.len(), biggest: biggest(template) });
    }
    for (section, limit) in COUNTS {
        let count = template[section.as_str()].as_map().map_or(0, crate::Map::len);
        if count > limit {
            exceeded.push(Exceeded::Count { section, count, limit });
        }
    }
    let size = template["Description"].as_str().map_or(0, str::len);
    if size > DESCRIPTION_BYTES {
        exceeded.push(Exceeded::Description { size });
    }
    match exceeded.is_empty() {
        true if text.len() > INLINE_BYTES => Ok(Delivery::S3),
        true => Ok(Delivery::Inline),
        false => Err(exceeded),
    }
}

/// The biggest named things of a template, the biggest first.
pub fn biggest(template: &Value) -> Vec<Share> {
    let sections = [
        Section::Metadata,
        Section::Parameters,
        Section::Rules,
        Section::Mappings,
        Section::Conditions,
        Section::Resources,
        Section::Outputs,
    ];
    let mut shares: Vec<Share> = sections
        .into_iter()
        .filter_map(|section| Some((section, template.get(section.as_str())?.as_map()?)))
        .flat_map(|(section, map)| {
            map.iter().map(move |(name, value)| Share {
                section,
                name: name.to_owned(),
                bytes: name.len() + to_yaml(value).len(),
            })
        })
        .collect();
    shares.sort_by(|one, other| other.bytes.cmp(&one.bytes).then_with(|| one.name.cmp(&other.name)));
    shares.truncate(NAMED);
    shares
}
