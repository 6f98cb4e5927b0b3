//! The mailbox.

use local::mailbox::Mailbox;

use super::gateway::client;

#[tokio::test]
async fn a_mail_that_was_sent_is_shown_escaped() {
    let mailbox = Mailbox::start(0).await.unwrap();
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
    let mailbox = Mailbox::start(0).await.unwrap();
    let request = client().get(format!("{}/mailbox", mailbox.url())).header("accept", "application/json");
    assert_eq!(request.send().await.unwrap().text().await.unwrap(), "[]");
}

#[tokio::test]
async fn what_is_no_mail_is_refused() {
    let mailbox = Mailbox::start(0).await.unwrap();
    let send = client().post(mailbox.url()).header("content-type", "application/x-www-form-urlencoded");
    let answer = send.body("Action=SendEmail").send().await.unwrap();
    assert_eq!(answer.status(), 400);
    assert!(mailbox.mails().is_empty());
}
