"""Every sentence that a person reads, in English and Chinese, kept apart from the code that says it.

    languages.py    which language the environment asks for
    catalogue.py    finds a sentence by its id and fills it in (Project Fluent, loaded on first use)
    safe_text.py    makes somebody else's text fit to stand in a sentence
    scopes.py       what somebody may do, in words
    line_breaks.py  where a line may end, with and without blanks
    en/, zh-CN/     the sentences, one file per speaker:
        command.ftl     the command line: help, examples, usage
        agent.ftl       the customer's screens; page.ftl: their local page
        session.ftl     what a session puts into words: the consent that was given
        receipt.ftl     what `consentry verify` says
        engineer.ftl    the engineer's client
        broker.ftl      `consentry admin` and `serve`; practice.ftl: `consentry practice`
        identity.ftl    what administrators are asked about people who log in
        audit.ftl       the audit commands; audit_service.ftl: those about the audit service
        quality.ftl     `consentry review`
        desk.ftl        the audit service asked from elsewhere
        desk_page.ftl   the page of reviewers and supervisors (web/src/desk)
        desk_admin.ftl  its pages for those who lead and administer
        console.ftl     the engineer's console; administration.ftl: its pages for administrators
        http.ftl        what servers answer to requests that nobody can use
        details.ftl     `detail-<its-english-words>` for every part of an error's sentence (protocol/details.py)
        errors.ftl      `error-<class-name>` for every ConsentryError; English may be left out, then the class speaks

    wording = Wording(detect_language(os.environ))
    wording.say("engineer-waiting-for-consent", name="…")

An id is unique over all files of a language, and both languages have the same ids with the same variables: a test
compares them, and compares them with the code. How Fluent is written: https://projectfluent.org/fluent/guide/.
"""

from wording.catalogue import UnknownWording, Wording, detail_id, error_id
from wording.languages import LANGUAGES, Language, accepted_language, detect_language
from wording.safe_text import safe_text

__all__ = [
    "LANGUAGES",
    "Language",
    "UnknownWording",
    "Wording",
    "accepted_language",
    "detail_id",
    "detect_language",
    "error_id",
    "safe_text",
]
