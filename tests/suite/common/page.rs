//! The page of `rehearsal review --web`, asked over a real socket.

use std::{
    io::{BufRead, BufReader},
    process::{Child, Stdio},
};

use regex::Regex;

use super::{
    Team,
    http::{Answer, exchange},
    interruptible, send_signal,
    wait::wait_for_end,
};

/// A page that is served. Dropping it kills the program.
pub struct Page {
    child: Child,
    /// As it was printed.
    pub address: String,
    /// `127.0.0.1:PORT`
    pub host: String,
    /// The path below which everything is: `/TOKEN/`.
    pub root: String,
}

impl Page {
    /// Serves what is pending in a team's folder.
    pub fn of(team: &Team, arguments: &[&str]) -> Self {
        let mut command = interruptible(&team.command(&[&["review", "--web"], arguments].concat()));
        let mut child = command.stdout(Stdio::piped()).spawn().expect("the program runs");
        let stdout = child.stdout.take().expect("its output");
        let mut address = String::new();
        BufReader::new(stdout).read_line(&mut address).expect("an address");
        let address = address.trim().to_owned();
        let rest = address.strip_prefix("http://").unwrap_or_else(|| panic!("{address:?}"));
        let (host, path) = rest.split_once('/').expect("a path");
        let (host, root) = (host.to_owned(), format!("/{path}"));
        Self { child, address, host, root }
    }

    /// Sends a request as it is; the `Host` and the like are up to the test.
    pub fn send(&self, request: &str) -> Answer {
        exchange(&self.host, request).expect("an answer")
    }

    /// Asks for a path below the root, as a browser would.
    pub fn get(&self, below: &str) -> Answer {
        let (host, root) = (&self.host, &self.root);
        self.send(&format!(
            "GET {root}{below} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"
        ))
    }

    /// Sends a form, as a page of this address would.
    pub fn post(&self, below: &str, fields: &[(&str, &str)]) -> Answer {
        let form = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        self.post_from(below, &form, &format!("Origin: http://{}\r\n", self.host))
    }

    /// Sends a form with some headers.
    pub fn post_from(&self, below: &str, form: &str, headers: &str) -> Answer {
        let (host, root, length) = (&self.host, &self.root, form.len());
        self.send(&format!(
            "POST {root}{below} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n{headers}\
             Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {length}\r\n\r\n{form}"
        ))
    }

    /// Presses a button of a page that was loaded from `below`; the page it leads to.
    pub fn press(&self, below: &str, scope: &str, decision: &str) -> Answer {
        self.press_on(&self.get(below).body, scope, decision)
    }

    /// Presses a button of a page that was loaded earlier; the page it leads to.
    pub fn press_on(&self, page: &str, scope: &str, decision: &str) -> Answer {
        let mut fields = hidden(page, "decide");
        fields.push(("scope".to_owned(), radio(page, scope)));
        fields.push(("decision".to_owned(), decision.to_owned()));
        self.follow(self.post_fields("decide", &fields))
    }

    /// Takes the last decision back on a page that was loaded earlier.
    pub fn take_back_on(&self, page: &str) -> Answer {
        self.follow(self.post_fields("back", &hidden(page, "back")))
    }

    pub fn post_fields(&self, below: &str, fields: &[(String, String)]) -> Answer {
        let fields: Vec<_> = fields.iter().map(|(name, value)| (&**name, &**value)).collect();
        self.post(below, &fields)
    }

    fn follow(&self, answer: Answer) -> Answer {
        assert_eq!(answer.status, 303, "{}", answer.body);
        let address = answer.header("location").expect("an address");
        let below = address.strip_prefix("./").expect("a relative address");
        let followed = self.get(below.split('#').next().unwrap_or_default());
        assert_eq!(followed.status, 200, "{}", followed.body);
        followed
    }

    /// Waits until the program has ended; its status.
    pub fn wait(mut self) -> i32 {
        wait_for_end(&mut self.child).code().unwrap_or(-1)
    }

    /// Asks the program to end, as Ctrl-C does; its status.
    pub fn interrupt(self) -> i32 {
        send_signal(&self.child, "-INT");
        self.wait()
    }
}

impl Drop for Page {
    fn drop(&mut self) {
        // It may have ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What the page says came of the last request.
pub fn notice(page: &str) -> String {
    let start = page.find("<div id=\"notice\"").expect("a place for notices");
    let end = page[start..].find("\n").map_or(page.len(), |end| start + end);
    text(&page[start..end])
}

/// The rows of the list: their titles.
pub fn titles(page: &str) -> Vec<String> {
    let pattern = Regex::new(r#"<span class="title">(.*?)</span>"#).expect("a pattern");
    pattern.captures_iter(page).map(|found| text(&found[1])).collect()
}

/// HTML without its tags and escapes.
pub fn text(html: &str) -> String {
    let tags = Regex::new("<[^>]*>").expect("a pattern");
    let plain = tags.replace_all(html, " ");
    let words = plain.split_whitespace().collect::<Vec<_>>().join(" ");
    unescape(&words)
}

fn unescape(html: &str) -> String {
    let escapes = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#34;", "\""), ("&#39;", "'")];
    let escapes = escapes.into_iter().chain([("&#60;", "<"), ("&#62;", ">"), ("&#38;", "&")]);
    escapes.fold(html.to_owned(), |text, (escape, c)| text.replace(escape, c)).replace("&amp;", "&")
}

/// The hidden fields of one of the page's forms.
pub fn hidden(page: &str, action: &str) -> Vec<(String, String)> {
    let start = page.find(&format!("action=\"{action}\"")).unwrap_or_else(|| panic!("{page}"));
    let end = start + page[start..].find("</form>").expect("the form ends");
    let field = Regex::new(r#"<input type="hidden" name="(.*?)" value="(.*?)">"#);
    let fields = field.expect("a pattern");
    let fields = fields.captures_iter(&page[start..end]);
    fields.map(|found| (unescape(&found[1]), unescape(&found[2]))).collect()
}

/// The value of the choice of what a decision is about.
pub fn radio(page: &str, scope: &str) -> String {
    let pattern = format!(r#"name="scope" value="([^"]*)" data-scope="{scope}""#);
    let found =
        Regex::new(&pattern).expect("a pattern").captures(page).map(|one| one[1].to_owned());
    found.unwrap_or_else(|| panic!("{scope} is not offered:\n{page}"))
}
