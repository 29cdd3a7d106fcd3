"""The flow of a questionnaire of Qualtrics: which blocks are shown in which order, to whom."""

from typing import TYPE_CHECKING, Any

from percorso.i18n import mark
from percorso.surveys.exchange._qualtrics_logic import Unread, said, several
from percorso.surveys.exchange.building import JUMP, LOST_SURVEY, NEVER, UNREAD, shown_if
from percorso.surveys.exchange.logic import END, Said, every, negated, some

if TYPE_CHECKING:
    from percorso.surveys.exchange._qualtrics import Reader

ENDING = mark(
    "What is said at the end lies in a library of Qualtrics and not in the file. Write it as the thanks of the survey."
)
SOME_BLOCKS = mark("There {shown} of {n} parts are shown at random; here all are, one after the other.")
MIXED_BLOCKS = mark("There {n} parts are shown in random order; here one after the other.")
FIELDS = mark("Embedded data is not set here: {names}. Conditions and texts ask for what is known of the customer.")
# How Qualtrics calls what blocks can do.
BLOCKS_DO = {"Looping": "Loop & Merge", "RandomizeQuestions": "Question Randomization"}
ENDS = {"ENDOFSURVEY": END, "ENDOFBLOCK": "the end of the block"}


class Flow:
    """Walks through the flow; its blocks become pages."""

    def __init__(self, reader: "Reader", blocks: list[dict[str, Any]], flow: list[Any]) -> None:
        self.reader, self.builder, self.logic = reader, reader.builder, reader.logic
        self.blocks = {str(one.get("ID")): one for one in blocks if one.get("Type") != "Trash"}
        self.flow, self.used = flow, set[str]()

    def read(self) -> None:
        """Read all blocks, in the order of the flow; without one in their own."""
        items = [item for root in self.flow for item in several(several(root).get("Flow")).values()]
        if not items:
            items = [{"Type": "Block", "ID": key} for key in self.blocks]
        self._items(items, [])
        for key, block in self.blocks.items():
            if key not in self.used:
                for shown in self._shown(block):
                    self.builder.note(NEVER, question=shown)

    def _items(self, items: list[Any], around: list[Said | None], *, is_known: bool = True) -> None:
        for item in items:
            if not isinstance(item, dict):
                continue
            kind, inner = str(item.get("Type")), list(several(item.get("Flow")).values())
            if "ID" in item:
                self._block(str(item["ID"]), around)
            elif kind == "Branch":
                self._branch(item, inner, around, is_known=is_known)
            elif kind == "EndSurvey":
                self._end(item, around, is_known=is_known)
            elif kind == "Group":
                self._items(inner, around, is_known=is_known)
            else:
                self._lost(kind, item, inner)
                self._items(inner, around, is_known=is_known)

    def _branch(self, item: dict[str, Any], inner: list[Any], around: list[Said | None], *, is_known: bool) -> None:
        try:
            when = self.logic.tree(item.get("BranchLogic"))
        except Unread:
            name = str(item.get("Description") or "Branch")
            self.builder.note(UNREAD, question=name, condition=said(item.get("BranchLogic")))
            self._items(inner, around, is_known=False)
            return
        self._items(inner, [*around, when], is_known=is_known)

    def _end(self, item: dict[str, Any], around: list[Said | None], *, is_known: bool) -> None:
        if not is_known:
            self.builder.note(JUMP, question="EndSurvey", to="EndSurvey")
            return
        self.builder.jump(every(around), END, shown="EndSurvey", goal="EndSurvey")
        options = several(item.get("Options"))
        if item.get("EndingType") == "Advanced":
            self.reader.note_ending(options)

    def _lost(self, kind: str, item: dict[str, Any], inner: list[Any]) -> None:
        if kind == "EmbeddedData":
            fields = [one for one in several(item.get("EmbeddedData")).values() if isinstance(one, dict)]
            self.logic.set_here |= {str(one.get("Field")) for one in fields if one.get("Value") not in (None, "")}
            names = ", ".join(str(one.get("Field")) for one in fields)
            self.builder.note(FIELDS, names=names[:200])
        elif kind == "BlockRandomizer":
            shown = str(item.get("SubSet") or len(inner))
            if shown == str(len(inner)):
                self.builder.note(MIXED_BLOCKS, n=len(inner))
            else:
                self.builder.note(SOME_BLOCKS, shown=shown, n=len(inner))
        else:
            self.builder.note(LOST_SURVEY, setting=kind)

    def _shown(self, block: dict[str, Any]) -> list[str]:
        keys = [str(one.get("QuestionID")) for one in several(block.get("BlockElements")).values()]
        return [self.reader.shown(self.reader.questions[key]) for key in keys if key in self.reader.questions]

    def _block(self, key: str, around: list[Said | None]) -> None:
        block = self.blocks.get(key)
        if block is None:
            return
        name = str(block.get("Description") or key)
        if key in self.used:
            self.builder.note(LOST_SURVEY, setting=f"{name} (2×)")
            return
        self.used.add(key)
        options = several(block.get("Options"))
        for setting, called in BLOCKS_DO.items():
            if str(options.get(setting) or "false").casefold() not in ("false", "none", "randomwithxperpage"):
                self.builder.note(LOST_SURVEY, setting=f"{name}: {called}")
        mixed = str(options.get("RandomizeQuestions")) == "RandomWithXPerPage"
        page = {**shown_if(*around), **({"randomise": True} if mixed else {})}
        self.builder.page(key.removeprefix("BL_"), **page)
        for one in several(block.get("BlockElements")).values():
            if one.get("Type") == "Page Break":
                self.builder.page("page", **page)
            elif (question := str(one.get("QuestionID"))) in self.reader.questions:
                self.builder.place(question)
                self.reader.question(question, self.reader.questions[question])
                self._skips(key, question, one.get("SkipLogic"))
        self.builder.place(f"end of {key}")

    def _skips(self, block: str, question: str, rules: Any) -> None:
        """Let who answers so jump; of several rules the first that holds counts."""
        before: list[Said | None] = []
        shown = self.reader.shown(self.reader.questions[question])
        for rule in several(rules).values():
            to = str(rule.get("SkipToDestination"))
            try:
                when = self.logic.compared(rule, str(rule.get("Condition") or rule.get("Operator")))
            except Unread:
                self.builder.note(JUMP, question=shown, to=ENDS.get(to, to))
                continue
            first = some(before)
            goal = END if to == "ENDOFSURVEY" else f"end of {block}" if to == "ENDOFBLOCK" else to
            known = self.reader.questions.get(to)
            called = self.reader.shown(known) if known else ENDS.get(to, to)
            self.builder.jump(every([negated(first) if first else None, when]), goal, shown=shown, goal=called)
            before.append(when)
