"""Addresses of the pages. An event's code stands in front of everything that belongs to it."""

from __future__ import annotations

from typing import Final

from django.urls import URLPattern, URLResolver, include, path

from passerelle.desk.views import (
    account,
    arrivals,
    campaigns,
    commitments,
    counts,
    coverage,
    dossiers,
    events,
    forces,
    indicators,
    information,
    jobs,
    judicial,
    offers,
    partners,
    places,
    plan,
    programme,
    proof,
    public,
    register,
    reinforcement,
    rolls,
    roster,
    story,
)

__all__ = ["urlpatterns"]

_EVENT: Final = [
    path("plan", plan.overview, name="overview"),
    path("plan/solve", plan.solve, name="solve"),
    path("plan/<int:number>/publish", plan.publish, name="publish"),
    path("coverage", coverage.coverage, name="coverage"),
    path("roster", roster.roster, name="roster"),
    path("duty-sheets", roster.sheets, name="sheets"),
    path("map", places.site_map, name="map"),
    path("need", programme.need, name="need"),
    path("sessions", programme.sessions, name="sessions"),
    path("sessions/<str:session>", programme.session, name="session"),
    path("sites", places.sites, name="sites"),
    path("sites/<str:site>", places.site, name="site"),
    path("forces", forces.forces, name="forces"),
    path("forces/<str:group>", forces.group, name="group"),
    path("jobs", jobs.jobs, name="jobs"),
    path("jobs/<str:key>", jobs.job, name="job"),
    path("jobs/<str:key>/live", plan.live, name="live"),
    path("jobs/<str:key>/stop", plan.stop, name="job-stop"),
    path("find", events.find, name="find"),
    path("reinforcement", reinforcement.reinforcement, name="reinforcement"),
    path("reinforcement.<slug:kind>", reinforcement.export, name="reinforcement-export"),
    path("offers", offers.offers, name="offers"),
    path("campaigns/new", campaigns.new, name="campaign-new"),
    path("campaigns/<int:number>", campaigns.campaign, name="campaign"),
    path("campaigns/<int:number>/header", campaigns.header, name="campaign-header"),
    path("campaigns/<int:number>/acts", campaigns.acts, name="campaign-acts"),
    path("campaigns/<int:number>/check", campaigns.check, name="campaign-check"),
    path("campaigns/<int:number>/<str:peer>", campaigns.thread, name="campaign-thread"),
]

_PAGES: Final[list[URLPattern | URLResolver]] = [
    path("", events.home, name="home"),
    path("events", events.events, name="events"),
    path("import", events.import_folder, name="import"),
    path("me", account.account, name="account"),
    path("preferences", account.preferences, name="preferences"),
    path("proof", proof.proof, name="proof"),
    path("commitments", register.commitments, name="commitments"),
    path("commitments.<slug:kind>", register.export, name="commitments-export"),
    path("indicators", indicators.indicators, name="indicators"),
    path("information", information.information, name="information"),
    path("information/<str:case>/stix", information.stix, name="stix"),
    path("judicial", judicial.judicial, name="judicial"),
    path("meetings", register.meetings, name="meetings"),
    path("public", public.groups, name="public"),
    path("public/<str:key>", public.group, name="public-group"),
    path("story", story.story, name="story"),
    path("dossiers", dossiers.requests, name="requests"),
    path("dossiers/new/<str:peer>/<slug:procedure>/<slug:name>", dossiers.start, name="start"),
    path("dossiers/<str:case>", dossiers.dossier, name="dossier"),
    path("dossiers/<str:case>/<slug:role>/<slug:name>", dossiers.act, name="act"),
    path("rolls", rolls.rolls, name="rolls"),
    path("rolls/<str:case>", rolls.roll, name="roll"),
    path("counts", counts.counts, name="counts"),
    path("counts/counts.<slug:kind>", counts.counts_file, name="counts-file"),
    path("partners/<str:state>", partners.partner, name="partner"),
    path("arrivals/worker.js", arrivals.worker, name="arrivals-worker"),
    path("arrivals/<str:case>", arrivals.arrivals, name="arrivals"),
    path("arrivals/<str:case>/check-ins", arrivals.check_ins, name="check-ins"),
    path("dossiers/<str:case>/offers", offers.dossier_offers, name="dossier-offers"),
    path("dossiers/<str:case>/commitment", commitments.commitment, name="commitment"),
    path("e/<slug:code>/", include(_EVENT)),
]

urlpatterns = [path("", include((_PAGES, "desk")))]
