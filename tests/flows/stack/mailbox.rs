//! The mailbox.

use local::mailbox::Mailbox;
use shared::clock::Clock;

use super::gateway::client;

#[tokio::test]
async fn a_mail_that_was_sent_is_shown_escaped() {
    let mailbox = Mailbox::start(0, Clock::system()).await.unwrap();
    let page = || async {
        let answer = client().get(format!("{}/mailbox", mailbox.url())).send().await.unwrap();
        answer.text().await.unwrap()
    };
    assert!(page().await.contains("No mail has been sent."));

    let body = "Action=SendEmail&Source=shop%40example.com\
        &Destination.ToAddresses.member.1=ada%40example.com\
        &Message.Subject.Data=Hello+%3CAda%3E&Message.Body.Text.Data=Welcome";
    let send = client().post(mailbox.url()).header("content-type", "application/x-www-form-urlencoded");
    let answer = send.body(body).send().await.unwrap().text().await.unwrap();
    assert!(answer.contains("<MessageId>"), "{answer}");

    let mail = &mailbox.mails()[0];
    assert_eq!(
        (mail.from.as_str(), mail.to.as_slice()),
        ("shop@example.com", &["ada@example.com".to_owned()][..])
    );
    assert!(page().await.contains("Hello &#60;Ada&#62;"), "{}", page().await);
}

#[tokio::test]
async fn a_script_reads_the_mails_as_json() {
    let mailbox = Mailbox::start(0, Clock::system()).await.unwrap();
    let request = client().get(format!("{}/mailbox", mailbox.url())).header("accept", "application/json");
    assert_eq!(request.send().await.unwrap().text().await.unwrap(), "[]");
}

#[tokio::test]
async fn what_is_no_mail_is_refused() {
    let mailbox = Mailbox::start(0, Clock::system()).await.unwrap();
    let send = client().post(mailbox.url()).header("content-type", "application/x-www-form-urlencoded");
    let answer = send.body("Action=SendEmail").send().await.unwrap();
    assert_eq!(answer.status(), 400);
    assert!(mailbox.mails().is_empty());
}

#[tokio::test]
async fn the_html_of_a_mail_is_kept_apart_and_the_newest_mail_comes_first() {
    let mailbox = Mailbox::start(0, Clock::system()).await.unwrap();
    for subject in ["First", "Second"] {
        let body = format!(
            "Action=SendEmail&Source=shop%40example.com&Destination.ToAddresses.member.1=ada%40example.com\
             &Message.Subject.Data={subject}&Message.Body.Text.Data=%3Cb%3Etext%3C%2Fb%3E\
             &Message.Body.Html.Data=%3Cscript%3Ealert%281%29%3C%2Fscript%3E"
        );
        let send = client().post(mailbox.url()).header("content-type", "application/x-www-form-urlencoded");
        send.body(body).send().await.unwrap();
    }
    let get = async |path: &str| client().get(format!("{}{path}", mailbox.url())).send().await.unwrap();
    let page = get("/mailbox").await;
    assert!(page.headers()["content-security-policy"].to_str().unwrap().starts_with("default-src 'none'"));
    let page = page.text().await.unwrap();
    assert!(page.find("Second").unwrap() < page.find("First").unwrap());
    assert!(!page.contains("<script>") && page.contains("&#60;b&#62;text"), "{page}");
    assert!(page.contains("src=\"/mailbox/1\" sandbox=\"allow-popups "), "{page}");
    let mail = get("/mailbox/0").await;
    let policy = mail.headers()["content-security-policy"].to_str().unwrap().to_owned();
    assert!(policy.contains("sandbox allow-popups ") && !policy.contains("script"), "{policy}");
    assert!(mail.text().await.unwrap().ends_with("<script>alert(1)</script>"));
    assert_eq!(get("/mailbox/2").await.status(), 404);
}
