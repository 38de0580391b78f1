"""SAML 2.0, from metadata to a person and to the end of their session.

    sign-in      provider -> request -> redirect_binding      we ask; signed if there is a key (keys)
                 provider -> arriving                         they answer: prefilter, signatures, answers (encryption,
                                                              decryption), driver, rules, signed, people; steady
    sign-out     logout*, redirect_binding, post_binding      both ways, by either binding
    who          peers, metadata, metadata_limits             them, from metadata that is believed for a time
                 our_metadata, configuration                  us, and what is wrong with the settings

Nothing is believed that is not in octets whose signature was verified here, by a certificate of the metadata. What
python3-saml says comes on top: it can refuse, and what it reads is not used.
"""
