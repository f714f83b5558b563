//! The dates that findings go by, from the one file that has them.

use std::sync::LazyLock;

use copilot_yaml::{Diagnostics, Entry, Node, Source, parse};

use super::date::Date;

/// All that is known of dates.
#[derive(Debug)]
pub struct Dates {
    /// The day on which the oldest of them was last looked at.
    pub checked: Date,
    pub(super) support_ended: Date,
    pub(super) copilot: String,
    releases: Vec<(Version, String)>,
    pub(super) lambda: String,
    runtimes: Vec<Runtime>,
    pub(super) images: String,
    deprecated: Vec<Image>,
    databases: Vec<Database>,
    pub(super) serverless_v1: Date,
    pub(super) serverless: String,
    pub(super) app_runner_closed: Date,
    pub(super) app_runner: String,
}

/// A runtime of Lambda functions that ends.
#[derive(Debug, Clone)]
pub(super) struct Runtime {
    pub(super) name: String,
    pub(super) create: Date,
    pub(super) update: Date,
    pub(super) successor: String,
}

/// An image of `CodeBuild` that has ended.
#[derive(Debug, Clone)]
pub(crate) struct Image {
    name: String,
    pub(super) date: Date,
    pub(crate) successor: String,
}

/// A version of a database that can't be created any more.
#[derive(Debug, Clone)]
pub(super) struct Database {
    engine: String,
    version: String,
    pub(super) date: Date,
    pub(super) source: String,
}

static DATES: LazyLock<Option<Dates>> = LazyLock::new(|| {
    let mut problems = Diagnostics::default();
    let root = parse(&Source::new("dates.yml", include_str!("dates.yml")), &mut problems)?;
    Dates::read(&root)
});

impl Dates {
    /// Those that this version knows; a test proves that there are some.
    pub fn known() -> Option<&'static Self> {
        DATES.as_ref()
    }

    fn read(root: &Node) -> Option<Self> {
        let section = |name: &str| root.get(name);
        let (copilot, lambda) = (section("copilot")?, section("lambda")?);
        let (images, databases) = (section("images")?, section("databases")?);
        let app_runner = section("app_runner")?;
        let checked =
            [copilot, lambda, images, databases, app_runner].map(|section| date(section, "checked"));
        let releases = entries(copilot, "runtimes");
        let releases = releases
            .iter()
            .filter_map(|entry| Some((Version::parse(&entry.key.text)?, entry.value.as_str()?.to_owned())));
        let versions = databases.get("versions")?.as_sequence()?;
        Some(Self {
            checked: checked.into_iter().collect::<Option<Vec<_>>>()?.into_iter().min()?,
            support_ended: date(copilot, "support_ended")?,
            copilot: text(copilot, "source")?,
            releases: releases.collect(),
            lambda: text(lambda, "source")?,
            runtimes: entries(lambda, "runtimes").iter().filter_map(runtime).collect(),
            images: text(images, "source")?,
            deprecated: entries(images, "deprecated").iter().filter_map(image).collect(),
            databases: versions.iter().filter_map(database).collect(),
            serverless_v1: date(databases, "serverless_v1")?,
            serverless: text(databases, "source")?,
            app_runner_closed: date(app_runner, "closed")?,
            app_runner: text(app_runner, "source")?,
        })
    }

    /// What is known of a runtime by its name.
    pub(super) fn runtime(&self, name: &str) -> Option<&Runtime> {
        self.runtimes.iter().find(|runtime| runtime.name == name)
    }

    /// The runtime of the functions in the templates of a version of Copilot.
    pub(super) fn runtime_of(&self, version: &str) -> Option<&Runtime> {
        let version = Version::parse(version)?;
        let (_, name) = self.releases.iter().rfind(|(first, _)| *first <= version)?;
        self.runtime(name)
    }

    /// A build image that has ended, itself or with the oldest newer version that has.
    pub(crate) fn image(&self, name: &str) -> Option<&Image> {
        let (family, version) = split_image(name)?;
        let newer = self.deprecated.iter().filter_map(|image| {
            let (other, ended) = split_image(&image.name)?;
            (other == family && version <= ended).then_some((ended, image))
        });
        newer.min_by(|(a, _), (b, _)| a.total_cmp(b)).map(|(_, image)| image)
    }

    /// A version of a database that can't be created any more.
    pub(super) fn database(&self, engine: &str, version: &str) -> Option<&Database> {
        self.databases.iter().find(|database| database.engine == engine && database.version == version)
    }
}

/// Name and version of an image.
fn split_image(image: &str) -> Option<(&str, f64)> {
    let (name, version) = image.rsplit_once(':')?;
    Some((name, version.parse().ok()?))
}

fn text(node: &Node, key: &str) -> Option<String> {
    node.get(key)?.as_str().map(str::to_owned)
}

fn date(node: &Node, key: &str) -> Option<Date> {
    node.get(key)?.as_str()?.parse().ok()
}

fn entries<'a>(node: &'a Node, key: &str) -> &'a [Entry] {
    node.get(key).and_then(Node::as_mapping).unwrap_or_default()
}

fn runtime(entry: &Entry) -> Option<Runtime> {
    Some(Runtime {
        name: entry.key.text.to_string(),
        create: date(&entry.value, "create")?,
        update: date(&entry.value, "update")?,
        successor: text(&entry.value, "successor")?,
    })
}

fn image(entry: &Entry) -> Option<Image> {
    let (date, successor) = (date(&entry.value, "date")?, text(&entry.value, "successor")?);
    Some(Image { name: entry.key.text.to_string(), date, successor })
}

fn database(node: &Node) -> Option<Database> {
    Some(Database {
        engine: text(node, "engine")?,
        version: text(node, "version")?,
        date: date(node, "date")?,
        source: text(node, "source")?,
    })
}

/// A version of Copilot: `v1.28.0`, or one that was built between two releases.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Version([u64; 3]);

impl Version {
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let mut parts = text.strip_prefix('v')?.splitn(3, '.').map(|part| {
            let digits = part.find(|c: char| !c.is_ascii_digit()).map_or(part, |end| &part[..end]);
            digits.parse().ok()
        });
        Some(Self([parts.next()??, parts.next()??, parts.next().flatten().unwrap_or_default()]))
    }
}

#[cfg(test)]
mod tests {
    use super::{Dates, Version};

    #[test]
    fn every_line_of_the_file_is_read() {
        let dates = Dates::known().unwrap();
        let text = include_str!("dates.yml");
        assert_eq!(dates.runtimes.len(), text.matches("update: ").count());
        assert_eq!(dates.deprecated.len(), text.matches("\"aws/codebuild/").count() / 2);
        let image =
            |name: &str| dates.image(&format!("aws/codebuild/{name}")).map(|image| image.date.to_string());
        assert_eq!(image("amazonlinux2-x86_64-standard:1.0").as_deref(), Some("2022-06-30"));
        assert_eq!(image("amazonlinux2-x86_64-standard:3.0").as_deref(), Some("2023-05-09"));
        assert_eq!(image("amazonlinux2-x86_64-standard:5.0"), None);
        assert_eq!(dates.databases.len(), text.matches("engine: ").count());
        assert_eq!(dates.runtime_of("v1.20.0").unwrap().name, "nodejs12.x");
        assert_eq!(dates.runtime_of("v1.34.1-2-gab").unwrap().update.to_string(), "2027-03-03");
        for (_, name) in &dates.releases {
            assert!(dates.runtime(name).is_some(), "{name}");
        }
    }

    #[test]
    fn versions_are_in_their_order() {
        let version = |text| Version::parse(text).unwrap();
        assert!(version("v1.9.0") < version("v1.10.1") && version("v1.27.0-rc1") == version("v1.27.0"));
        assert_eq!(Version::parse("1.0"), None);
        assert_eq!(Version::parse("vx"), None);
    }
}
