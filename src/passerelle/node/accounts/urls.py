"""Addresses of one-time sign-in links."""

from __future__ import annotations

from django.urls import path

from passerelle.node.accounts.sign_in import sign_in_by_link

urlpatterns = [path("<str:secret>", sign_in_by_link, name="sign_in_by_link")]
