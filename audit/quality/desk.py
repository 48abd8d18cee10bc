"""The quality desk: every use case, for the command line and the API alike. Who asks is given with each."""

import asyncio

from audit.quality.brokers_word import EVERYTHING, Narrowing
from audit.quality.desk_calibration import CalibrationDesk
from audit.quality.desk_reviews import ReviewDesk
from audit.quality.desk_sampling import SamplingDesk
from audit.quality.people import Reviewer, check_leads
from audit.quality.reports import Grouping, Period, Report, make_report
from audit.quality.store import CaseChoice


class QualityDesk(SamplingDesk, ReviewDesk, CalibrationDesk):
    """All of it, and the reports over it."""

    async def report(
        self,
        who: Reviewer,
        period: Period,
        grouping: Grouping,
        service_target_ms: int,
        of: Narrowing = EVERYTHING,
    ) -> Report:
        """Raises RoleNeeded."""
        check_leads(who)
        return await asyncio.to_thread(  # a year takes a second, in which others want answers, too
            make_report,
            await self._store.sessions(),
            await self._cases(CaseChoice(ended_ms=period.span_ms)),
            period,
            now_ms=self._clock.unix_ms(),
            grouping=grouping,
            service_target_ms=service_target_ms,
            requests=await self._ended_requests(period.start_ms, period.end_ms),
            of=of,
        )
