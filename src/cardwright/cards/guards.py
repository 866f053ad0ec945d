"""Who may do what with cards over HTTP, and how a path names one."""

from typing import Annotated

from fastapi import Depends, Path

from cardwright.access import Actor, Reach, allow
from cardwright.cards.ports import CardProcessors, TestShop
from cardwright.core.ids import ID_PATTERN
from cardwright.http.deps import provided
from cardwright.programs import Program

CardId = Annotated[str, Path(pattern=ID_PATTERN, max_length=40)]
Reader = Annotated[Actor, Depends(allow("cards.read"))]
Holder = Annotated[Actor, Depends(allow("cards.write"))]
Loosener = Annotated[Actor, Depends(allow("cards.write", step_up=True))]
Revealer = Annotated[Actor, Depends(allow("cards.reveal"))]
RevealerWithFactor = Annotated[Actor, Depends(allow("cards.reveal", step_up=True))]
ProgramDep = Annotated[Program, Depends(provided(Program))]
ShopDep = Annotated[TestShop, Depends(provided(TestShop))]
ProcessorsDep = Annotated[CardProcessors, Depends(provided(CardProcessors))]
TemplateReader = Annotated[Actor, Depends(allow("card_templates.read"))]
TemplateStaff = Annotated[Actor, Depends(allow("card_templates.read", reach=Reach.ANY))]
TemplateWriter = Annotated[Actor, Depends(allow("card_templates.write", reach=Reach.ANY))]
StaffReader = Annotated[Actor, Depends(allow("cards.read", reach=Reach.ANY))]
Locker = Annotated[Actor, Depends(allow("cards.lock", reach=Reach.ANY))]
LevelReader = Annotated[Actor, Depends(allow("kyc.read"))]
LimitReader = Annotated[Actor, Depends(allow("limits.read", reach=Reach.ANY))]
LimitWriter = Annotated[Actor, Depends(allow("limits.write", reach=Reach.ANY))]
