from bessemer.core.fleet import Campaign
from bessemer.core.protocols import Trigger
from bessemer.fleet.cel import CampaignTrigger
from bessemer.fleet.triggers import (
    DenseRarity,
    Disagreement,
    Flicker,
    LowConfidence,
    Novelty,
    Rarity,
)
from bessemer.testing.triggers import TriggerConformance


class TestLowConfidence(TriggerConformance):
    def make_trigger(self) -> Trigger:
        return LowConfidence()


class TestDisagreement(TriggerConformance):
    def make_trigger(self) -> Trigger:
        return Disagreement()


class TestDenseDisagreement(TriggerConformance):
    def make_trigger(self) -> Trigger:
        return Disagreement(dense=True)


class TestFlicker(TriggerConformance):
    def make_trigger(self) -> Trigger:
        return Flicker()


class TestNovelty(TriggerConformance):
    def make_trigger(self) -> Trigger:
        return Novelty()


class TestRarity(TriggerConformance):
    def make_trigger(self) -> Trigger:
        return Rarity(classes=self.classes, counts=(3.0, 50.0, 0.0, 50.0))


class TestDenseRarity(TriggerConformance):
    def make_trigger(self) -> Trigger:
        return DenseRarity(
            classes=self.classes, counts=(3.0, 50.0, 60.0, 50.0), usual=(0.2, 0.3, 0.2, 0.3)
        )


class TestCampaign(TriggerConformance):
    def make_trigger(self) -> Trigger:
        return CampaignTrigger(
            campaign=Campaign(
                name="dusk",
                reason="it could not tell",
                slice_where="brightness < 0.3",
                proxy='signal["brightness"] < 0.3',
                budget=5,
                until_week=3,
            )
        )
