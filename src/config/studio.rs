//! The pages of Agent Studio.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::region::REGIONS;

/// What a segment of an address writes as `%XX`.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// Where Agent Studio shows the conversations of a region.
const STUDIOS: &[(&str, &str)] = &[
    ("us-1", "https://studio.us.poly.ai"),
    ("uk-1", "https://studio.uk.poly.ai"),
    ("euw-1", "https://studio.eu.poly.ai"),
    ("studio", "https://studio.poly.ai"),
];

/// The web address of Agent Studio for the region that a host is of; `None` for any other host.
fn studio(base_url: &str) -> Option<&'static str> {
    let (region, _) = REGIONS.iter().find(|(_, host)| *host == base_url)?;
    STUDIOS.iter().find(|(name, _)| name == region).map(|(_, address)| *address)
}

/// The page of a project's conversations; `None` for a host that is not PolyAI's.
#[must_use]
pub fn conversations_page(base_url: &str, account_id: &str, project_id: &str) -> Option<String> {
    let segment = |text| utf8_percent_encode(text, SEGMENT);
    let (studio, account, project) = (studio(base_url)?, segment(account_id), segment(project_id));
    Some(format!("{studio}/{account}/{project}/conversations"))
}

/// The page of one conversation, given that of all.
#[must_use]
pub fn conversation_page(conversations: &str, conversation_id: &str) -> Option<String> {
    // An address that ends with dots leads to another page.
    if matches!(conversation_id, "" | "." | "..") {
        return None;
    }
    Some(format!("{conversations}/{}", utf8_percent_encode(conversation_id, SEGMENT)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_region_has_its_agent_studio_and_no_other_host_has_one() {
        let studios: Vec<_> = REGIONS.iter().map(|(_, host)| studio(host)).collect();
        let addresses = STUDIOS.iter().map(|(_, address)| Some(*address));
        assert_eq!(studios, addresses.collect::<Vec<_>>());
        assert_eq!(
            studio("https://api.euw-1.platform.polyai.app"),
            Some("https://studio.eu.poly.ai")
        );
        for other in ["https://gateway.example", "http://127.0.0.1:8080", ""] {
            assert_eq!(studio(other), None);
        }
    }
}
