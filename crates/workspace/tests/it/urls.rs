use copilot_workspace::{Error, RepositoryUrl, parse_remotes};
use proptest::prelude::*;

fn manifest_form(text: &str) -> String {
    match RepositoryUrl::parse(text, Some("eu-north-1")) {
        Ok(url) => url.to_string(),
        Err(error) => format!("error: {error}"),
    }
}

#[test]
fn github_in_every_form() {
    for text in [
        "https://github.com/o/r",
        "https://github.com/o/r.git",
        "https://github.com/o/r/",
        "http://github.com/o/r",
        "https://www.github.com/o/r",
        "https://GitHub.com/o/r",
        "https://user:pw@github.com/o/r",
        "https://github.com/o/r?tab=readme#top",
        "https://github.com/o/r/tree/main",
        "git://github.com/o/r.git",
        "git@github.com:o/r.git",
        "org-1@github.com:o/r",
        "git@github.com-work:o/r.git",
        "git@github.com:/o/r.git",
        "ssh://git@github.com/o/r.git",
        "ssh://git@github.com:22/o/r",
        "ssh://git@ssh.github.com:443/o/r.git",
        "git+ssh://git@github.com/o/r.git",
        "github.com/o/r",
        "github.com:o/r",
        "o/r",
    ] {
        assert_eq!(manifest_form(text), "https://github.com/o/r", "{text}");
    }
}

#[test]
fn bitbucket_in_every_form() {
    for text in [
        "https://bitbucket.org/o/r",
        "https://me@bitbucket.org/o/r.git",
        "https://bitbucket.org/o/r/src/main/",
        "git@bitbucket.org:o/r.git",
        "ssh://git@bitbucket.org:o/r",
        "ssh://git@bitbucket.org/o/r.git",
        "ssh://git@altssh.bitbucket.org:443/o/r.git",
    ] {
        assert_eq!(manifest_form(text), "https://bitbucket.org/o/r", "{text}");
    }
    // Its path mentions another provider.
    let tools = manifest_form("https://bitbucket.org/acme/codecommit-tools");
    assert_eq!(tools, "https://bitbucket.org/acme/codecommit-tools");
}

#[test]
fn code_commit_in_every_region_and_form() {
    for region in [
        "us-west-2",
        "af-south-1",
        "me-central-1",
        "il-central-1",
        "mx-central-1",
        "cn-north-1",
        "us-gov-west-1",
        "ap-southeast-7",
        "us-isob-east-1",
        "eusc-de-east-1",
    ] {
        for text in [
            format!("https://git-codecommit.{region}.amazonaws.com/v1/repos/x"),
            format!("https://git-codecommit.{region}.amazonaws.com.cn/v1/repos/x"),
            format!("https://git-codecommit-fips.{region}.amazonaws.com/v1/repos/x"),
            format!("https://vpce-1a-2b.git-codecommit.{region}.vpce.amazonaws.com/v1/repos/x"),
            format!("ssh://APKAEXAMPLE@git-codecommit.{region}.amazonaws.com/v1/repos/x"),
            format!("codecommit::{region}://x"),
            format!("codecommit::{region}://profile@x"),
            format!("https://{region}.console.aws.amazon.com/codesuite/codecommit/repositories/x/browse"),
            format!(
                "https://console.amazonaws.cn/codesuite/codecommit/repositories/x/browse?region={region}"
            ),
        ] {
            let url = RepositoryUrl::parse(&text, None).unwrap();
            let expected =
                RepositoryUrl::CodeCommit { region: region.to_owned(), repository: "x".to_owned() };
            assert_eq!(url, expected, "{text}");
            assert_eq!(RepositoryUrl::parse(&url.to_string(), None).unwrap(), expected);
        }
    }
    let local = RepositoryUrl::parse("codecommit://profile@x", Some("eu-north-1")).unwrap();
    assert_eq!(local, RepositoryUrl::CodeCommit { region: "eu-north-1".into(), repository: "x".into() });
}

#[test]
fn everything_else_says_why() {
    let texts = [
        "",
        "thisisnotevenagithub.comrepository",
        "https://gitlab.company.com/g/p.git",
        "https://github.company.com/o/r",
        "https://notgithub.com/o/r",
        "https://github.com/o",
        "https://github.com/o/r/extra",
        "https://user:secret@example.com/o/r",
        "git@bitbucket.org:o",
        "https://git-codecommit.us-west-2.amazonaws.com/x",
        "codecommit::us-mess://r",
        "codecommit::us-west-2://",
        "https://console.aws.amazon.com/codesuite/codecommit/repositories/x/browse",
        "../other",
        "/srv/git/shop.git",
        "o/r s",
        "ssh://git@github.com:x",
        "file:///srv/git/shop.git",
    ];
    let lines: Vec<_> = texts.iter().map(|text| format!("{text:?} -> {}", manifest_form(text))).collect();
    insta::assert_snapshot!(lines.join("\n"));
    let no_region = RepositoryUrl::parse("codecommit://x", None);
    assert!(matches!(no_region, Err(Error::Repository { .. })));
}

#[test]
fn remotes_keep_their_order_with_origin_first() {
    let output = "backup\thttps://bitbucket.org/o/r.git (fetch)\n\
        backup\thttps://bitbucket.org/o/r.git (push)\n\
        github.com\thttps://gitlab.com/o/r (fetch)\n\
        origin\tgit@github.com:o/r.git (fetch) [blob:none]\n\
        origin\thttps://github.com/o/r (push)\n\
        local\t/srv/with blank/r.git (fetch)\n\
        beside\tacme/shop (fetch)\n\
        aws\tcodecommit://profile@shop (fetch)\n\
        a line without a tab\n";
    let found: Vec<String> = parse_remotes(output, Some("eu-west-1"))
        .iter()
        .map(|remote| match &remote.repository {
            Ok(url) => format!("{} {url}", remote.name),
            Err(error) => format!("{} {error}", remote.name),
        })
        .collect();
    insta::assert_snapshot!(found.join("\n"));
}

proptest! {
    #[test]
    fn no_text_makes_it_panic_and_what_it_accepts_it_accepts_again(text in "(codecommit::?|ssh://|https://|git@)?[a-z@:/.?#%é-]{0,30}(github.com|bitbucket.org|git-codecommit.us-west-2.amazonaws.com)?[:/a-z.é@-]{0,20}") {
        if let Ok(url) = RepositoryUrl::parse(&text, None) {
            prop_assert_eq!(RepositoryUrl::parse(&url.to_string(), None).unwrap(), url);
        }
    }
}
