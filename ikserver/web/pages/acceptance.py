# SPDX-License-Identifier: GPL-3.0-or-later
"""The page behind the link of an invitation: may mail be redirected to you? (RED-02)

Looking at it changes nothing, because filters of mail follow links. Who knows the link may answer: it is in no other
place than the mailbox of the one who is asked.
"""

from __future__ import annotations

from dataclasses import dataclass

from ikserver.accounts.acceptance import PATH, Acceptances
from ikserver.accounts.acceptance import Asked as Question
from ikserver.languages import ENGLISH, LANGUAGES
from ikserver.languages.language import Language, chosen, language
from ikserver.model.account import Consent
from ikserver.web.exchange import Answer, Asked, Route, see_other
from ikserver.web.rendering import Rendering

ANSWERS = {"accept": Consent.ACCEPTED, "refuse": Consent.REFUSED}


@dataclass(frozen=True, slots=True)
class AcceptancePage:
    acceptances: Acceptances
    rendering: Rendering

    def routes(self) -> list[Route]:
        """All of them."""
        path = f"{PATH}<token>"
        return [Route(path, self.show), Route(path, self.answer, ("POST",))]

    async def show(self, asked: Asked) -> Answer:
        """The question, or what has become of it."""
        question = await self.acceptances.find(asked.parts["token"])
        spoken = _language(asked, question)
        if question is None:
            return self.rendering.page("acceptance-unknown.html", spoken, 404)
        return self.rendering.page(
            "acceptance.html",
            spoken,
            410 if question.ended else 200,
            address=question.invitation.address,
            target=question.invitation.target,
            organisation=question.organisation.name,
            state="ended" if question.ended else question.invitation.consent.value,
            ends=spoken.moment(question.invitation.expires),
        )

    async def answer(self, asked: Asked) -> Answer:
        """A button was pressed. The page that follows tells what counts, also when that was an earlier answer."""
        consent = ANSWERS.get(asked.form.get("answer", ""))
        if not asked.own_form or consent is None:
            return self.rendering.page("acceptance-unknown.html", _language(asked, None), 403)
        token = asked.parts["token"]
        await self.acceptances.answer(token, consent)
        wish = asked.query.get("language")
        return see_other(f"{PATH}{token}" + (f"?language={wish}" if wish in LANGUAGES else ""))


def _language(asked: Asked, question: Question | None) -> Language:
    """What was chosen on the page, else what the browser likes, else that of the organisation."""
    wish = asked.query.get("language", "")
    usual = question.organisation.language if question else ENGLISH
    return language(wish) if wish in LANGUAGES else chosen(asked.languages, usual)
