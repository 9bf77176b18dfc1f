"""What people can be told about, and how they are told until they choose otherwise."""

from dataclasses import dataclass

NOW, DIGEST, OFF = "now", "digest", "off"
MODES = {NOW: "At once", DIGEST: "In the digest", OFF: "Not at all"}

EMAIL, CHAT = "email", "chat"
CHANNELS = {EMAIL: "E-mail", CHAT: "Chat"}


@dataclass(frozen=True, slots=True)
class Topic:
    """One matter: its code, its name, what it is about, and the mode by e-mail that fits most people.

    A chat is told at once whenever an e-mail would be sent: whoever enters an address wants to hear.
    """

    code: str
    label: str
    about: str
    email: str

    def default(self, channel: str) -> str:
        """Return the mode of somebody who has not chosen."""
        if channel == EMAIL or self.email == OFF:
            return self.email
        return NOW


TOPICS = {
    topic.code: topic
    for topic in (
        Topic("escalation", "Escalations", "A correction waits for a second person, and you may be that person.", NOW),
        Topic(
            "returned", "Your corrections", "A second person decided on a correction of yours, or sent it back.", NOW
        ),
        Topic("approval", "Approvals", "A policy version waits for an approval that you may give.", NOW),
        Topic("version", "Your versions", "A version that you submitted was approved, rejected or returned.", NOW),
        Topic("release", "Releases", "A release was paused or rolled back, by a guard or by a person.", NOW),
        Topic("learned", "What became of your corrections", "A version that learned from you decides live.", DIGEST),
        Topic("deadline", "Deadlines", "A case that you hold, or one of your queues, runs out of time.", OFF),
        Topic("certificate", "Certificates", "A certificate of yours, or one that you renew, ends soon.", NOW),
        Topic("handover", "Cases handed to you", "Somebody handed you a case they had begun.", NOW),
        Topic(
            "connection", "Connections", "A webhook was switched off, or something else broke that you may mend.", NOW
        ),
    )
}
